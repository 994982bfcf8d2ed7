import { skipReason } from '../helpers/sshd.ts'
import { conformance } from './conformance.ts'
import { openSshSubject } from './openssh-subject.ts'

conformance('a real OpenSSH server', () => openSshSubject(), skipReason)
conformance('one channel only', () => openSshSubject('MaxSessions 1'), skipReason)
