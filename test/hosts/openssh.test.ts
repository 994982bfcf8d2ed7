import { skipReason } from '../helpers/sshd.ts'
import { conformance } from './conformance.ts'
import { openSshSubject } from './subjects.ts'

conformance(
  'a real OpenSSH server',
  () => openSshSubject({ extraConfig: 'Subsystem sftp internal-sftp' }),
  skipReason,
)
// Its configuration names no subsystem, so there is no SFTP either.
conformance(
  'a server that allows one channel only and has no SFTP',
  () => openSshSubject({ extraConfig: 'MaxSessions 1' }),
  skipReason,
)
