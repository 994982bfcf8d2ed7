// The way to a host, and a host's own state.
import type { Rule } from './rule.ts'

export const hostRules: readonly Rule[] = [
  // ssh, as a task's own tool or as the way to its host
  {
    cause: 'ssh_auth_failure',
    kind: 'key_file_mode',
    rank: 9,
    at: /UNPROTECTED PRIVATE KEY FILE|^Permissions 0\d{3} for .{1,300} are too open|^Load key .{1,300}: bad permissions/i,
  },
  {
    cause: 'ssh_host_key_mismatch',
    rank: 9,
    at: /REMOTE HOST IDENTIFICATION HAS CHANGED|POSSIBLE DNS SPOOFING DETECTED/i,
  },
  {
    cause: 'ssh_host_key_mismatch',
    kind: 'unknown',
    rank: 8,
    at: /No \S{1,40} host key is known for|Host key verification failed|Host key for \S{1,200} has changed|no hostkey alg|Server's host key did not match|The server's host key is not cached|REMOTE HOST KEY/i,
  },
  {
    cause: 'ssh_auth_failure',
    rank: 8,
    at: /^\S{1,200}@\S{1,200}: Permission denied \(|Permission denied \((?:publickey|password|keyboard-interactive|gssapi)|Too many authentication failures|Authentication failed\.$|paramiko\.\S{0,60}AuthenticationException|All configured authentication methods failed|no supported authentication methods|sign_and_send_pubkey: .{0,80}(?:failed|refused)|Load key .{1,300}: (?:invalid format|error in libcrypto|incorrect passphrase)/,
  },
  {
    cause: 'dns_failure',
    kind: 'ssh',
    rank: 9,
    at: /^ssh: Could not resolve hostname/,
  },
  {
    cause: 'dns_failure',
    rank: 8,
    at: /Could not resolve (?:host|hostname|proxy)\b|could not translate host name|Temporary failure in name resolution|Name or service not known|nodename nor servname provided|No address associated with hostname|Unknown MySQL server host|UnknownHostException|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|NameResolutionError|no such host\b|gaierror|unable to resolve host address|server can't find \S{1,200}: (?:NXDOMAIN|SERVFAIL)|Der Name oder der Dienst ist nicht bekannt|Nom ou service inconnu|Name does not resolve|\bNXDOMAIN\b|Failed to lookup address|failed to lookup address information|Failure in name resolution|Couldn't resolve host/i,
  },
  {
    cause: 'host_unreachable',
    rank: 8,
    at: /^ssh: connect to host \S{1,200} port \d{1,5}: |Connection timed out during banner exchange|kex_exchange_identification: |ssh_exchange_identification: |^Connection to \S{1,200} port \d{1,5} timed out|^Connection (?:closed|reset) by \S{1,80} port \d{1,5}|NoValidConnectionsError|Unable to connect to port 22/,
  },
  {
    cause: 'connection_lost_midrun',
    rank: 8,
    at: /^Connection to \S{1,200} closed by remote host|client_loop: send disconnect|^Timeout, server \S{1,200} not responding|packet_write_wait: |^Read from remote host \S{1,200}: |^Write failed: Broken pipe|^Connection to \S{1,200} closed\.$|Lost connection to (?:host|node|executor host)|rsync: connection unexpectedly closed/,
  },
  // clock
  {
    cause: 'clock_skew',
    rank: 9,
    at: /RequestTimeTooSkewed|difference between the request time and the (?:current|server) time is too (?:large|great)|certificate is not yet valid|is not valid yet|not yet valid|Clock skew (?:detected|too great)|clock skew too great|KRB_AP_ERR_SKEW|RequestExpired|SignatureDoesNotMatch.{0,80}(?:expired|skew)|Signature not yet current|token used before issued|ImmatureSignatureError|iat.{0,30}in the future|InvalidAuthenticationInfo.{0,80}time/i,
  },
  // storage
  {
    cause: 'quota_exceeded',
    kind: 'disk',
    rank: 9,
    at: /Disk quota exceeded|EDQUOT|DSQuotaExceededException|NSQuotaExceeded/i,
  },
  {
    cause: 'disk_full',
    rank: 9,
    at: /No space left on device|ENOSPC|Errno 28\b|There is not enough space on the disk|could not extend file|file system is full|filesystem full|Disk full \(|disk is full|database or disk is full|\(os error 28\)|: Wrote only \d{1,12} of \d{1,12} bytes|DiskOutOfSpace|DiskErrorException|Could not find any valid local directory|The table '.{1,120}' is full|Auf dem Ger.t ist kein Speicherplatz|Aucun espace disponible|No queda espacio en el dispositivo|not enough (?:free )?(?:disk )?space|out of disk space|insufficient disk space|No usable temporary directory|DiskPressure|low on resource: ephemeral-storage|exceed(?:ed|s) flood.stage watermark|flood-stage watermark exceeded/i,
  },
  {
    cause: 'read_only_fs',
    rank: 9,
    at: /Read-only file system|\bEROFS\b|Errno 30\b|Das Dateisystem ist nur lesbar|Syst.me de fichiers accessible en lecture seul|Sistema de archivos de s.lo lectura/i,
  },
  {
    cause: 'io_error',
    rank: 9,
    at: /Input\/output error|Errno 5\b|\bEIO\b|Eingabe-\/Ausgabefehler|Erreur d'entr.e\/sortie|Error de entrada\/salida|Stale file handle|Buffer I\/O error|blk_update_request|uncorrectable error|could not read block \d{1,20} in file|Remote I\/O error|Structure needs cleaning|\bESTALE\b/i,
  },
  // memory and limits
  {
    cause: 'out_of_memory',
    kind: 'container',
    rank: 6,
    at: /(?:executor|container|pod|worker|process).{0,120}exit(?:ed with)? ?(?:exit )?(?:code|status):? ?137\b/i,
  },
  { cause: 'process_limit', rank: 9.2, at: /unable to create (?:new )?native thread/ },
  {
    cause: 'out_of_memory',
    rank: 9,
    at: /java\.lang\.OutOfMemoryError(?!: unable to create)|\bMemoryError\b|std::bad_alloc|Container killed by YARN for exceeding|Container killed on request\. Exit code is 137|OOMKilled|Out of memory: Kill|oom-kill|oom_kill [1-9]|OOM command not allowed|Cannot allocate memory|Errno 12\b|\bENOMEM\b|JavaScript heap out of memory|Allocation failed - process out of memory|fatal error: runtime: out of memory|out of memory\b|memory allocation of \d{1,20} bytes failed|cannot allocate vector of size|ArrayMemoryError|Unable to allocate .{1,60} for an array|GC overhead limit exceeded|Memory limit \(.{1,60}exceeded|MEMORY_LIMIT_EXCEEDED|Query exceeded .{0,40}memory limit|beyond the 'PHYSICAL' memory limit|running beyond (?:physical|virtual) memory|Nicht genügend Hauptspeicher|Kann nicht genügend Hauptspeicher|Ne peut allouer de la mémoire|memory exhausted|exceeded memory limit|Insufficient memory for the Java Runtime|insufficient memory\b|CUDA out of memory|Allowed memory size of \d{1,20} bytes exhausted|NoMemoryError|OutOfMemoryException/i,
  },
  {
    cause: 'too_many_open_files',
    rank: 9,
    at: /Too many open files|Errno 24\b|\bEMFILE\b|\bENFILE\b|Zu viele offene Dateien|Trop de fichiers ouverts|Demasiados archivos abiertos/i,
  },
  {
    cause: 'process_limit',
    rank: 9,
    at: /fork: (?:retry: )?(?:Resource temporarily unavailable|Die Ressource|Ressource temporairement)|BlockingIOError: \[Errno 11\]|can't start new thread|unable to create (?:new )?native thread|pthread_create failed|Cannot fork|fork failed|fork: Cannot|fork\/exec .{1,200}: resource temporarily unavailable|newosproc|spawn .{0,200}EAGAIN|failed to create new OS thread|Resource temporarily unavailable|nproc limit|No child processes left|pids\.max|Too many processes/i,
  },
]
