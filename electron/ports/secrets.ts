// Where the values of secrets come from, at the moment in which a task starts (H7).
import type { BoundSecret, SecretSource } from '../../shared/pipeline/spec.ts'

export interface Secrets {
  /** Never rejects. `why`: a sentence without the value. */
  read(source: SecretSource): Promise<{ ok: true; value: string } | { ok: false; why: string }>
}

/** Of whoever has none to give. */
export const noSecrets: Secrets = {
  read: () => Promise.resolve({ ok: false, why: 'there are none here' }),
}

export interface ReadSecrets {
  /** Those that are there, by the variable that each becomes. */
  env: Record<string, string>
  /** In words, without a point at the end, for each that is missing. */
  whys: string[]
}

/** Of all that an attempt gets. */
export async function readSecrets(
  secrets: Secrets,
  wanted: Readonly<Record<string, BoundSecret>>,
): Promise<ReadSecrets> {
  const read: ReadSecrets = { env: {}, whys: [] }
  for (const [variable, { secret, from }] of Object.entries(wanted)) {
    const found = await secrets.read(from)
    if (found.ok) read.env[variable] = found.value
    else read.whys.push(`The secret ${secret} is missing: ${found.why}`)
  }
  return read
}
