// What a login asks of a person. Texts of a server are bounded and printable before they get here.

/** `host` is the workspace's name; `hop` is `user@address:port` of the machine that asks, perhaps a jump host. */
export type Question =
  | { kind: 'passphrase'; host: string; hop: string; keyFile: string }
  | { kind: 'password'; host: string; hop: string; user: string }
  /** Keyboard-interactive: one-time codes and the like. `secret`: do not show what is typed. */
  | {
      kind: 'prompt'
      host: string
      hop: string
      title: string
      text: string
      secret: boolean
    }
