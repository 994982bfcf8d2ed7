// Which variables of an environment hold secrets. A plan does not mark them, so their names and forms have to tell: rather
// one too many, since whoever needs it can ask for all.
import type { WorkspaceSpec } from '../../shared/pipeline/spec.ts'

const secretName =
  /PASSWORD|PASSWD|PASSPHRASE|SECRET|_PWD$|(^|_)(PASS|TOKENS?|CREDENTIALS?|PRIVATE|APIKEY|KEYS?|AUTH|COOKIE|DSN|CERT)(_|$)/i
/** `scheme://user:password@host` */
const passwordInUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

export function secretNames(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env)
    .filter(
      ([name, value]) =>
        (secretName.test(name) && value !== '') ||
        passwordInUrl.test(value) ||
        privateKey.test(value),
    )
    .map(([name]) => name)
}

/** Variables of this process, as a workspace names them. */
export function secretVariables({ environments }: Pick<WorkspaceSpec, 'environments'>): string[] {
  return environments
    .flatMap(({ secrets }) => Object.values(secrets ?? {}))
    .flatMap((source) => (source.env === undefined ? [] : [source.env]))
}
