// HTTP, TLS, object stores, containers and clusters.
import type { Rule } from './rule.ts'

export const networkRules: readonly Rule[] = [
  {
    cause: 'quota_exceeded',
    rank: 9,
    at: /quotaExceeded|quota (?:has been )?exceeded|exceeded (?:your|the|its|their)? ?(?:\w{1,20} ){0,3}quota|over quota|QuotaExceeded|LimitExceededException|ServiceQuota|exceeded quota: |insufficient[_ ]quota|dailyLimitExceeded|billing (?:limit|hard limit)|usage limit (?:reached|exceeded)|(?:daily|monthly) (?:limit|quota) .{0,40}(?:exceeded|reached)|storage limit exceeded|RESOURCE_EXHAUSTED.{0,60}quota/i,
  },
  {
    cause: 'rate_limited',
    rank: 9,
    at: /returned error:? 429|HTTP (?:Error |status )?429|\b429(?::| -)? ?(?:Too Many|Client Error)|Too Many Requests|rate.?limit(?:ed|s| of| exceeded|ing)?\b|toomanyrequests|SlowDown|Slow Down\b|Throttling(?:Exception)?|ThrottledException|RequestLimitExceeded|ProvisionedThroughputExceeded|rateLimitExceeded|reduce your request rate|status(?: code)?[:=]? ?429|RESOURCE_EXHAUSTED/i,
  },
  {
    cause: 'http_auth_failure',
    rank: 8,
    at: /returned error:? (?:401|403|407)|HTTP (?:Error |status )?(?:401|403|407)|\b(?:401|403)(?::| -)? ?(?:Unauthorized|Forbidden|Client Error)|invalid_token|invalid_grant|invalid_client|ExpiredToken|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|UnrecognizedClientException|AccessDenied\b|PERMISSION_DENIED|UNAUTHENTICATED|ExpiredTokenException|AuthFailure|token (?:has )?(?:expired|is expired|is invalid|revoked)|access token .{0,60}expired|The security token included in the request|Bad credentials|Authentication failed for 'https?|could not read (?:Username|Password) for|HTTP Basic: Access denied|AuthorizationFailure|AuthenticationFailed|is not authorized to perform|unauthorized: (?:authentication|incorrect|access)|You must be logged in to the server|forbidden: User|Error from server \(Forbidden\)|Error from server \(Unauthorized\)|status(?: code)?[:=]? ?40[13]|InvalidAuthenticationToken|AADSTS\d{4,9}|denied: (?:requested|permission)|does not have \S{1,80}\.\S{1,80}\.\S{1,80} access|Login incorrect|invalid api key|api key .{0,40}(?:invalid|expired|revoked)/i,
  },
  {
    cause: 'tls_certificate_error',
    rank: 8,
    at: /CERTIFICATE_VERIFY_FAILED|SSL certificate problem|certificate has expired|certificate verify failed|no alternative certificate subject name|x509: |self.signed certificate|unable to get local issuer|unable to verify the first certificate|SSLHandshakeException|PKIX path building failed|CertificateException|certificate (?:is )?(?:invalid|revoked|not trusted|unknown)|SSL: no alternative|doesn't match (?:either of|certificate)|Hostname mismatch|hostname .{1,120} doesn't match|CERT_HAS_EXPIRED|DEPTH_ZERO_SELF_SIGNED|ERR_TLS_CERT|UNABLE_TO_VERIFY_LEAF|curl: \((?:35|51|53|54|58|59|60|64|66|77|80|82|83|90|91)\)|tls: (?:failed to verify|bad certificate|unknown certificate)|SSL routines|alert (?:handshake failure|unknown ca|certificate)|server certificate verification failed|SSLError\b|SSL error: |TLS handshake (?:failed|error)|cannot verify \S{1,120}'s certificate|certificate common name|root certificate file .{1,200} does not exist/i,
  },
  {
    cause: 'network_timeout',
    rank: 8,
    at: /curl: \(28\)|Operation timed out after|Read timed out|ReadTimeout|ConnectTimeout|connect timed out|i\/o timeout|SocketTimeoutException|ETIMEDOUT|Errno 110\b|Connection timed out|Connect to .{1,200} timed out|TLS handshake timeout|context deadline exceeded|DEADLINE_EXCEEDED|urlopen error timed out|socket\.timeout|TimeoutError: |net\/http: request canceled|Client\.Timeout exceeded|Timed out (?:while )?waiting for handshake|handshake timed? ?out|request timed out|Gateway Timeout|(?:504) Gateway|Verbindung abgelaufen|Zeit.berschreitung|Connexion termin.e par expiration|ESOCKETTIMEDOUT|rsync error: timeout in data|io timeout|HTTPConnectionPool.{1,200}timed out|failed to connect .{0,200}timed out|giving up.{0,40}timed out|Network is unreachable|No route to host|Kein Weg zum Zielrechner|EHOSTUNREACH|ENETUNREACH|Host is down/i,
  },
  {
    cause: 'connection_reset',
    rank: 8,
    at: /curl: \((?:18|52|55|56|92)\)|Connection reset by peer|ECONNRESET|ConnectionResetError|transfer closed with \d{1,20} bytes|Empty reply from server|RemoteDisconnected|IncompleteRead|ChunkedEncodingError|Remote end closed connection|Connection aborted|Recv failure|connection unexpectedly closed|unexpected EOF$|early EOF|RPC failed; curl|Premature EOF|ServerDisconnectedError|Software caused connection abort|stream error: .{0,80}(?:INTERNAL|reset|CANCEL)|HTTP\/2 stream .{0,80}not closed cleanly|ProtocolError|socket hang up|Verbindungsaufbau vom Peer|Connexion r.initialis.e|read: connection reset|write: broken pipe|Connection prematurely closed|hung up unexpectedly|GOAWAY/i,
  },
  {
    cause: 'service_5xx',
    rank: 8,
    quiet: true,
    at: /returned error:? 5\d\d|HTTP (?:Error |status )?5\d\d|HTTP\/[\d.]{1,4}"? 5\d\d|\b5\d\d(?::| -)? ?(?:Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|Server Error|Not Implemented)|(?:http_code|http_status|status_code|status code|status)["']?\s?[=:]\s?"?5\d\d\b|Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|InternalError\b.{0,80}(?:We encountered|retry)|ServiceUnavailable|upstream connect error|no healthy upstream|An error occurred \((?:500|502|503|InternalError|ServiceUnavailable)\)|5\d\d Server Error|backendError|UNAVAILABLE: |too many 50\d error responses/i,
  },
  {
    cause: 'port_in_use',
    rank: 9,
    at: /Address already in use|EADDRINUSE|Errno 98\b|Errno 48\b|port (?:\d{1,5} )?is already (?:allocated|in use)|bind: address already|Die Adresse wird bereits verwendet|Adresse d.j. utilis.e|BindException|port \d{1,5} (?:is )?(?:already )?in use|Only one usage of each socket address|could not bind/i,
  },
  {
    cause: 'connection_refused',
    kind: 'docker_daemon',
    rank: 9,
    at: /Cannot connect to the Docker daemon|Is the docker daemon running|error during connect: |failed to connect to the docker API|Cannot connect to Podman|dial unix .{1,200}: connect: (?:no such file|connection refused)|containerd\.sock/i,
  },
  {
    cause: 'connection_refused',
    kind: 'kube_api',
    rank: 9,
    at: /The connection to the server .{1,200} was refused|couldn't get current server API group list.{0,300}connection refused|Unable to connect to the server: dial tcp .{1,200}connection refused/i,
  },
  {
    cause: 'connection_refused',
    rank: 7,
    at: /curl: \(7\)|Connection refused|ECONNREFUSED|ConnectionRefusedError|Errno 111\b|Errno 61\b|Couldn't connect to server|Failed to connect to \S{1,200} port|Failed to establish a new connection|NewConnectionError|Verbindungsaufbau abgelehnt|Connexion refus.e|Conexi.n rehusada|connect: connection refused|No connection could be made because|connection failed: Connection refused|Broker (?:may not be available|transport failure)|NoBrokersAvailable|Couldn't connect to host|Unable to connect to (?:the )?(?:server|broker|remote)|(?<!connect\.errors\.)ConnectException/i,
  },
]
