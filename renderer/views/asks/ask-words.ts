// What a login asks, in words. A server's own text is shown apart from ours, so that it cannot speak in our name.
import type { Question } from '../../../shared/api/question.ts'
import { assertNever } from '../../../shared/run/states.ts'

export interface AskWords {
  title: string
  /** One sentence of ours. */
  lead: string
  label: string
  secret: boolean
  /** What the server says; empty for what Sluice itself asks. */
  said: string
}

export function askWords(question: Question): AskWords {
  switch (question.kind) {
    case 'passphrase':
      return {
        title: 'Passphrase of a key file',
        lead: 'The private key on this machine is encrypted. The passphrase opens it here and is sent nowhere.',
        label: `Passphrase of ${question.keyFile}`,
        secret: true,
        said: '',
      }
    case 'password':
      return {
        title: `Password of ${question.user}`,
        lead: 'The machine below asks for a password. Its host key has been verified.',
        label: `Password of ${question.user}`,
        secret: true,
        said: '',
      }
    case 'prompt':
      return {
        title: 'A sign-in asks something',
        lead: 'The words in the frame come from the machine below. Its host key has been verified.',
        label: 'Your answer',
        secret: question.secret,
        said: [question.title, question.text].filter((text) => text.trim() !== '').join('\n'),
      }
    default:
      return assertNever(question)
  }
}

/** Which machine on the way asks. `address`: of the host itself, as far as it is known. */
export function hopWords(question: Question, address: string): string {
  if (question.kind === 'passphrase') return `to sign in to ${question.hop}`
  if (address === '' || address === question.hop) return question.hop
  return `${question.hop}, a jump host on the way to ${question.host}`
}

/** For the badge and notifications. */
export function askShort(question: Question): string {
  switch (question.kind) {
    case 'passphrase':
      return `the passphrase of ${question.keyFile}`
    case 'password':
      return `the password of ${question.user}`
    case 'prompt':
      return question.secret ? 'a code or a secret' : 'an answer'
    default:
      return assertNever(question)
  }
}
