// What to type on a host to see its key as we saw it.

const fileOf: Record<string, string> = {
  ED25519: 'ed25519',
  ECDSA: 'ecdsa',
  RSA: 'rsa',
}

/** `randomart` begins with `+--[ED25519 256]--+`: which of the host's keys it is. */
export function keyCommand(randomart: string): string {
  const kind = /^\+-*\[([A-Z0-9]+)/.exec(randomart)?.[1] ?? ''
  const file = fileOf[kind]
  return file === undefined
    ? 'for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lvf $f; done'
    : `ssh-keygen -lvf /etc/ssh/ssh_host_${file}_key.pub`
}
