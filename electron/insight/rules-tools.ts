// Wordings of single tools and services that no wider row knows.
import type { Rule } from './rule.ts'

export const toolRules: readonly Rule[] = [
  // Rows that take a line from a wider one stand above its rank.
  {
    cause: 'db_connection_refused',
    rank: 9,
    at: /the database system is (?:starting up|in recovery mode|not yet accepting connections)|Login timeout expired|ORA-12(?:154|170|505|514|518|519|520|528|537|541|543|545|547)|ServerSelectionTimeoutError|No (?:nodes?|servers?|hosts?) available .{0,60}(?:cluster|replica)|NoHostAvailable|Could not (?:establish|open|get) (?:a )?(?:JDBC |new )?(?:connection|session) (?:to|with|for) (?:the )?(?:database|server|metastore)|HikariPool-\d{1,6} - (?:Exception during pool initialization|Connection is not available)|Communications link failure|The TCP\/IP connection to the host .{1,200} has failed|Adaptive Server .{0,80}(?:unavailable|connection failed)|could not connect to (?:the )?(?:primary|replica|database)/i,
  },
  {
    cause: 'data_test_failed',
    rank: 8.7,
    at: /failed element-wise validator|failure cases?: |DataFrameSchema .{0,80}failed|expect_\w{3,80} (?:failed|was not met)|non-nullable series .{0,80}contains null|contains duplicate values:/,
  },
  {
    cause: 'upstream_data_stale',
    rank: 8.3,
    at: /\bERROR STALE\b|freshness (?:check|test|SLA)?.{0,40}(?:fail|error|violat|breach)/i,
  },
  {
    cause: 'missing_input_file',
    rank: 9.1,
    at: /bind source path does not exist|invalid mount config for type "bind"/,
  },
  {
    cause: 'config_missing',
    rank: 8.1,
    at: /^Error: (?:secret|configmap) "[^"]{1,200}" not found|couldn't find key \S{1,120} in (?:Secret|ConfigMap)|(?:secret|configmap) "?[\w.-]{1,120}"? (?:is )?not found .{0,60}(?:volume|mount|env)|MountVolume\.SetUp failed .{0,200}(?:secret|configmap) "?[\w.-]{1,120}"? not found|KeyError: 'Variable \S{1,120} does not exist'|conn_id `?\S{1,120}`? isn't defined|No active warehouse selected|No (?:default )?(?:project|account|subscription|region|warehouse|catalog|database) (?:was |has been |is )?(?:set|selected|specified|configured|found|given)|No value for required variable|required variable .{0,120}not (?:set|provided)|DbtProjectError|DbtProfileError|not a git repository|externally-managed-environment|Missing required (?:key|variable|parameter|property|env)|could not find (?:a )?(?:\.env|credentials|kubeconfig|config)|no configuration (?:has been|file) provided|invalid configuration: no configuration|Please (?:set|specify|configure|provide) (?:the |an? |your )?[\w. ]{1,60}(?:variable|credential|key|token|config|region)|no such profile|Profile \S{1,80} (?:not found|does not exist)|Missing (?:credentials|API key|access key|token)\b|The api_key client option must be set|(?:API|access) key (?:is )?(?:not set|missing|required)/i,
  },
  {
    cause: 'command_not_found',
    rank: 8.5,
    at: /error: command '[^']{1,200}' failed: No such file or directory|Cannot run program "[^"]{1,200}".{0,80}No such file|exec: "[^"]{1,200}": executable file not found|^(?:npm|yarn|npx)[^:]{0,20}: .{0,80}command not found|Error: spawn \S{1,200} ENOENT|\[Errno 2\] No such file or directory: '(?:git|java|psql|docker|dot|ffmpeg|gcc|make|mysql|pg_dump|node|npm|dbt|aws|gcloud|kubectl|ssh|rsync|wkhtmltopdf)'|Could not find (?:the )?(?:executable|command|binary|program)\b/,
  },
  {
    cause: 'not_executable',
    rank: 8.5,
    at: /^exec \S{1,300}: (?:no such file or directory|exec format error|permission denied)/,
  },
  {
    cause: 'missing_library',
    rank: 8.5,
    at: /No suitable driver(?: found)?|No FileSystem for scheme|Can't open lib '|Found no NVIDIA driver|libcuda\S{0,20} .{0,60}(?:not found|failed)|Data source name not found|Could not load dynamic library|Failed to find data source: |Unable to load authentication plugin|Missing optional dependency|pg_config executable not found|(?:fatal )?error: \S{1,120}\.h: No such file or directory|cannot find -l\w{1,60}|Class org\.\S{1,120} not found|missing (?:JDBC )?driver|extension "[^"]{1,80}" is not available|could not open extension control file|No module named 'ctypes|Failed to load driver class|libc\.musl|GLIBC/,
  },
  {
    cause: 'python_import_error',
    rank: 7.9,
    at: /Could not find adapter type|(?:No|Unknown) (?:module|package|plugin|adapter|provider) (?:named|called|found)|is not installed(?:\.|,|$| in)|has not been installed|Unable to import (?:module|required)|requires? the \S{1,60} package|please (?:run )?`?pip install|Cannot find package '|Module not found: |Failed to import|cannot find module providing package|unresolved import|could not find crate/i,
  },
  {
    cause: 'corrupt_input',
    rank: 9.1,
    at: /Parquet file size is \d|Invalid Parquet|UnpicklingError|pickle data was truncated|invalid load key|truncated file: eof|file is not a database|disk image is malformed|(?:loose )?object .{1,120} is (?:corrupt|empty)|bad object |DO NOT MATCH THE HASHES|invalid (?:footer|magic number|BGZF|zip archive|PDF|ORC)|Unable to open file \(file signature not found\)|file signature not found|not a valid (?:zip|tar|gzip|parquet|HDF5|Excel|PDF) ?|is not a valid (?:JAR|ZIP)|malformed (?:archive|header|block)|Bad magic|premature EOF|unexpected end of file|Got unexpected EOF|EOF marker is absent|File is not a zip file|(?:md5|sha\d{1,3}|hash|digest|integrity) (?:sum )?(?:verification|check|validation)? ?(?:failed|mismatch)|EINTEGRITY|invalid tar header|failed to decompress|Invalid gzip|incorrect (?:header|data) check|Excel file format cannot be determined/i,
  },
  {
    cause: 'data_parse_error',
    rank: 8.2,
    at: /XMLSyntaxError|Values to assemble cannot be null/,
  },
  {
    cause: 'data_parse_error',
    rank: 7.8,
    at: /unconverted data remains|could not parse `|Error parsing (?:JSON|CSV|XML|date|timestamp|value)|Failed to parse (?:input|record|row|date|timestamp|value|json|csv)|Malformed records|Bad record|Unterminated string|Unexpected character \(|Illegal unquoted character|Unrecognized token|No JSON object could be decoded|Cannot deserialize|Cannot parse|unparsable|Unable to parse string "|could not be parsed|unexpected end of (?:JSON|data|input)|invalid UTF-8|Invalid UTF-8|stream did not contain valid UTF-8|Invalid value for (?:type|column)|Can't convert|cannot convert (?:float|string|value)|Could not cast|Bad value|out of range for type|DATETIME_OVERFLOW|invalid date format|Unknown string format|day is out of range for month|month must be in 1\.\.12|Field .{1,80} has incompatible types|cannot safely (?:cast|convert)|CSV processing encountered too many errors|Error detected while parsing row/,
  },
  {
    cause: 'code_syntax_error',
    rank: 8.2,
    at: /yaml\.(?:parser|scanner|composer|reader)\.|unexpected EOF while looking for|yaml: (?:line \d|unmarshal errors|did not find)/,
  },
  {
    cause: 'code_syntax_error',
    rank: 7.8,
    at: /error (?:converting|parsing) YAML|mapping values are not allowed|found character .{1,20} that cannot start any token|TOMLDecodeError|toml\.decoder|Invalid (?:HCL|block definition)|Argument or block definition required|HCL syntax|Jinja2? (?:syntax|template) error|expected token '|Encountered unknown tag|(?:SQL|query) (?:parse|parsing|syntax) error|no viable alternative at input|Encountered "[^"]{0,80}" at line|Unbalanced parenthes|unmatched '|invalid syntax|unexpected indent|error TS\d{4}|error\[E\d{4}\]|undefined reference to|expected ['‘`].{1,20}['’`] (?:before|at end)|Parse error|parse error:|IllegalArgumentException: unbalanced|unterminated (?:string|quoted|dollar)|Syntax error/,
  },
  {
    cause: 'schema_mismatch',
    rank: 7.9,
    at: /No common columns to perform merge|columns? passed, passed data had \d|Shape of passed values is|Number of columns .{0,80}(?:must|does not|not) match|UNION types .{1,80} cannot be matched|each (?:UNION|EXCEPT|INTERSECT) query must have the same number of columns|INSERT has more (?:target columns|expressions)|column index .{0,40}out of range|Provided Schema does not match|incompatible with (?:the )?(?:table|existing) schema|Unknown field|no such field|Unknown property|Cannot add fields|field .{1,80} (?:is |was )?(?:missing|required|not found)|Missing required field|(?:additional|unexpected) (?:properties|fields|keys)|A schema mismatch detected|schemas? (?:are|is|do|does) (?:not|in)\s?(?:compatible|match|equal)|Schemas are different|type mismatch|Mismatch(?:ed)? (?:type|schema|column)s?|Expected \d{1,6} columns|labels? .{1,200}not (?:found|contained) in axis|is of type .{1,40} but expression is of type|Merge keys contain|trying to merge on .{1,60} columns|dtype .{1,40} does not match|Expected type .{1,60}(?:got|but)/i,
  },
  // memory and limits
  {
    cause: 'out_of_memory',
    rank: 9.1,
    quiet: true,
    at: /os::commit_memory\(.{1,120}failed|There is insufficient memory for the Java|\bOutOfMemoryError\b(?!: unable to create)|spark\.driver\.maxResultSize|oom_kill event|OOM[ -]Killed|\bOOMKill|exceeds available memory|SparkOutOfMemoryError|Unable to acquire \d{1,20} bytes of memory|MemoryLimitExceeded|exceeded the memory limit|memory limit (?:is )?(?:exceeded|reached)|used more memory than|(?:ran|running|run) out of memory|insufficient (?:system )?memory|not enough memory|Not enough space' \(errno=12\)|memory cgroup out of memory|failed to allocate (?:memory|data of size|\d)|Cannot reserve .{0,60}memory|Exceeded memory|Worker exceeded \d{1,3}% memory|DefaultCPUAllocator|out of shared memory|worker .{0,60}(?:memory budget|was sent SIGKILL! Perhaps out of memory)|Perhaps out of memory/i,
  },
  {
    cause: 'disk_full',
    rank: 9.1,
    at: /ORA-0165[0-9]|unable to extend (?:table|index|segment|temp)|no space on device|out of (?:disk|temporary) space|disk (?:usage|space) .{0,40}(?:exceeded|exhausted|insufficient|full)|Insufficient (?:free )?(?:disk )?space|not enough (?:free )?(?:disk )?space|The volume .{0,80}is (?:out of|full)|was low on resource: ephemeral|ephemeral.storage .{0,80}exceed|tempdb' is full|transaction log for database .{1,80} is full|filegroup .{0,40}is full|TemporaryFileWriteError|No space for/i,
  },
  {
    cause: 'quota_exceeded',
    rank: 9.1,
    at: /0\/\d{1,5} nodes are available|Insufficient (?:cpu|memory|nvidia|pods)\b|QOS\w{0,20}(?:Limit|Max)|MaxSubmitJob|AssocGrp\w{1,20}Limit|capacity (?:not available|exceeded)|InsufficientInstanceCapacity|VcpuLimitExceeded|ZONE_RESOURCE_POOL_EXHAUSTED|TooManyRequestsException: .{0,60}limit|Account .{0,40}limit exceeded|credit(?:s)? (?:exhausted|balance)|exceeded your current quota|resource monitor .{0,120}exceeded|maximum number of .{1,60} (?:reached|exceeded)|Exceeded limit|limit on .{1,60} (?:has been )?(?:reached|exceeded)/i,
  },
  {
    cause: 'process_limit',
    rank: 9.1,
    at: /unable to start (?:new )?thread|Resource temporarily unavailable: (?:fork|thread)|failed to (?:create|start) (?:new )?thread|can't start new (?:thread|process)|OpenBLAS blas_thread_init: pthread_create|libgomp: Thread creation failed|uv_thread_create|Too many (?:threads|processes)/i,
  },
  {
    cause: 'timeout',
    rank: 9,
    at: /DUE TO TIME LIMIT|active longer than specified deadline|DeadlineExceeded: (?:Job|Pod)|(?:task|job|run|step|workflow|query|execution|operation|model) .{0,80}(?:exceeded|hit|reached) (?:the |its |max(?:imum)? )?(?:execution |run ?|wall ?|query )?(?:time ?limit|timeout|duration|time)|AirflowTaskTimeout|SoftTimeLimitExceeded|TimeLimitExceeded|walltime .{0,40}exceeded|TERM_RUNLIMIT|maximum (?:execution|run) ?time .{0,40}exceeded|QueryTimeout|Statement reached its statement or warehouse timeout|Query exceeded (?:the )?(?:maximum )?(?:time|run|execution)|timeout: sending signal/i,
  },
  // databases
  {
    cause: 'db_object_missing',
    rank: 7.9,
    at: /prepared statement "?\S{1,120}"? does not exist|no schema has been selected|depends on a node named|cursor "?\S{1,80}"? does not exist|(?:Table|View|Dataset|Schema|Database|Catalog|Column|Function|Relation|Sequence|Stage|Procedure) ['"`]?[\w.:$-]{1,200}['"`]? (?:was |is )?(?:not found|doesn't exist|does not exist|cannot be found|unknown)|Not found: (?:Table|Dataset|Model|Routine)|Unknown (?:table|column|database|identifier|function)\b|NoSuchTable|NoSuchDatabase|EntityNotFoundException|Unrecognized name: |no such (?:table|column|function|view|collation)|SCHEMA_NOT_FOUND|TABLE_NOT_FOUND|COLUMN_NOT_FOUND|UNKNOWN_TABLE|UNKNOWN_IDENTIFIER|missing FROM-clause entry|Could not find stored procedure|Line \d{1,6}:\d{1,6} (?:Table|Column) |Undefined (?:table|column|function)|UndefinedTable|UndefinedColumn|UndefinedFunction|Invalid (?:table|column|object) name/i,
  },
  {
    cause: 'db_constraint_violation',
    rank: 7.9,
    at: /because other objects depend on it|duplicate key|Duplicate entry|DuplicateKeyError|E11000|violates (?:check|foreign|not-null|unique|exclusion)|IntegrityError|UniqueViolation|ForeignKeyViolation|NotNullViolation|CheckViolation|ORA-0(?:0001|1400|2290|2291|2292)|Cannot insert (?:duplicate|the value NULL)|cannot affect row a second time|UPDATE\/MERGE must match at most one source row|MERGE .{0,80}(?:multiple|more than one) (?:source )?rows?|already exists with (?:the )?(?:same|primary) key|cannot be null\b|FOREIGN KEY constraint|CONSTRAINT `|null value in column/i,
  },
  {
    cause: 'db_auth_failure',
    rank: 9,
    at: /pymongo\.errors\.OperationFailure: Authentication failed|SCRAM .{0,80}(?:failed|authentication)|password authentication failed|(?:IDENT|Peer|LDAP|GSSAPI|PAM|RADIUS|certificate) authentication failed for user|role "[^"]{1,80}" does not exist|Login failed for user|ORA-(?:01017|28000|28001|01045)|Incorrect username or password was specified|JWT token is invalid|Access denied for user|WRONGPASS|NOAUTH|auth(?:entication)? failed .{0,60}(?:mongo|redis|clickhouse|cassandra)|Code: 516|AUTHENTICATION_FAILED|fe_sendauth: no password supplied|User account has been locked|plugin caching_sha2_password|client not supported by authentication protocol|Bad credentials for user/i,
  },
  {
    cause: 'db_deadlock_or_lock',
    rank: 7.9,
    at: /could not serialize access|deadlock|Lock wait timeout|lock timeout|LockNotAvailable|could not obtain lock on|ORA-00054|ORA-00060|SerializationFailure|Lock request time ?out|ConcurrentModificationException: .{0,60}(?:table|delta|commit)|ConcurrentTransactionException|ConcurrentDelete|ConcurrentWrite|WriteConflict|Transaction .{0,60}(?:aborted|conflict)|Could not serialize|concurrent update|UPDATE conflict|database schema is locked/i,
  },
  {
    cause: 'db_connection_lost',
    rank: 7.9,
    at: /server closed the connection|connection (?:already|is|was) closed|terminating connection (?:due|because)|MySQL server has gone away|Lost connection to MySQL|SSL SYSCALL error|SSL connection has been closed unexpectedly|consuming input failed|connection to (?:the )?(?:server|database) was lost|InterfaceError: .{0,60}closed|AdminShutdown|Communication link failure|could not receive data from server|ORA-0(?:3113|3114|3135)|ORA-12570|TCP Provider: .{0,120}(?:reset|forcibly closed)|The connection is broken and recovery is not possible|no connection to the server|cursor already closed|CursorNotFound|AutoReconnect|NotPrimaryError|NotMaster/i,
  },
  {
    cause: 'db_permission_denied',
    rank: 7.9,
    at: /permission denied (?:for|to) (?:table|schema|relation|database|function|sequence|view|foreign|create|set|language)|must be owner of|Insufficient privileges|ORA-01031|(?:SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|EXECUTE|ALTER) (?:command|permission) (?:was )?denied|InsufficientPrivilege|bigquery\.\w{1,40}\.\w{1,40} permission|not authorized to perform operation|ACCESS_DENIED|must be superuser|Not enough privileges|does not have (?:the )?(?:required )?privileges?|not authorized on \w{1,60} to execute/i,
  },
  // services
  {
    cause: 'http_auth_failure',
    rank: 7.85,
    at: /\((?:401|403|AccessDenied\w{0,20}|InvalidToken|ExpiredToken\w{0,20}|UnauthorizedOperation|Forbidden|NotAuthorized\w{0,20}|SignatureDoesNotMatch|AuthorizationError\w{0,20}|UnrecognizedClientException|InvalidAccessKeyId|KMS\.\w{1,40})\) when calling|\bE40[13]\b|\b403 (?:Access Denied|Permission|Forbidden|Client)|\b401 (?:Unauthorized|Client|Access|Invalid)|manifests\/\S{1,120}"?: denied|: denied$|Invalid (?:username|credentials|access token|api token|API key|authentication|client secret|bearer)\b|SaslAuthenticationException|TopicAuthorizationException|GroupAuthorizationException|ClusterAuthorizationException|auth failed on module|terminal prompts disabled|Support for password authentication was removed|no basic auth credentials|unauthorized: |Permission \S{1,120} denied on|does not have (?:\S{1,80} )?(?:permission|access)|Not authori[sz]ed|not authori[sz]ed to|authentication (?:is )?required|requires authentication|Authentication (?:failed|error|failure)\b|AuthenticationException|Unauthenticated|Insufficient (?:permission|scope|authentication)|insufficient_scope|invalid[_ ](?:signature|scope|api[_ ]?key|user|session)|Token (?:is )?(?:expired|invalid|not valid)|ExpiredSignatureError|jwt (?:expired|malformed)|login (?:required|failed|denied)|(?<!WinError 5\] )Access (?:is )?denied|AuthorizationPermissionMismatch|KeyBasedAuthenticationNotPermitted|The request signature we calculated|AuthorizationException|credentials? (?:are|is|have|has) (?:not valid|invalid|expired|rejected)|decryption failed: No secret key|530 (?:Login|Not logged)|535[ -]5|SMTPAuthenticationError|Unable to authenticate|403 Forbidden|401 Unauthorized/i,
  },
  {
    cause: 'remote_object_missing',
    rank: 7.7,
    at: /No such (?:container|image|network|volume|service|object|bucket|topic|queue|stream)\b|network \S{1,120} not found|no such index|index_not_found_exception|host this topic-partition|UNKNOWN_TOPIC|Unknown module '|ErrImagePull|ImagePullBackOff|Back-off pulling image|code = NotFound|ParameterNotFound|ResourceNotFound|\((?:404|NoSuch\w{1,40}|\w{0,40}NotFound\w{0,40})\) when calling|\bE404\b|404 Not Found|Could not find artifact|could not find a (?:ready|suitable) (?:tiller|image)|repository .{1,200} (?:not found|does not exist)|unknown revision|bad revision|ambiguous argument '|did not match any (?:file|branch)|The specified \w{1,40} (?:does not exist|was not found|could not be found)|(?:bucket|blob|container|queue|topic|stream|job|cluster|instance|function|role|stack|release|chart|image|tag|branch|artifact|dataset|project|package|endpoint|deployment|workspace|warehouse) ['"`]?[\w.:/@-]{0,200}['"`]? ?(?:was |is |has )?(?:not found|not been found|does not exist|doesn't exist|could not be found|cannot be found|no longer exists)|QueueDoesNotExist|NonExistentQueue|PackagesNotFoundError|ResolvePackageNotFound|Unable to (?:locate|find) (?:package|image|artifact)|has no installation candidate|No package .{1,120} available|not found in (?:registry|repository|upstream|remote)|Nothing provides|HTTP error code : 404|404 page not found|410 Gone|couldn't find remote/i,
  },
  {
    cause: 'version_incompatible',
    rank: 7.95,
    at: /ERESOLVE|EBADENGINE|Could not find a version that satisfies|requires a different Python|ResolutionImpossible|conflicting dependencies|UnsatisfiableError|LibMambaUnsatisfiable|SolverProblemError|version solving failed|VersionConflict|no matching manifest for|Unsupported (?:engine|platform|class file|Spark|Python|Java|Node|Scala)|Unable to negotiate with|no matching (?:host key type|key exchange method|cipher|MAC)|is not (?:a )?supported (?:wheel|platform|version|on this platform)|not compatible with|incompatible (?:with|version|architecture)|requires .{1,60}(?:but you have|but .{1,60}(?:is )?installed|or (?:newer|later|higher|above))|has been removed in|was removed (?:from|in)|is deprecated and (?:has been |was )?removed|no attribute '(?:append|ix|np|float|int|bool|object|as_matrix|iteritems|get_value|ABCIndexClass)'|server version: .{1,40}(?:pg_dump|client) version|aborting because of server version mismatch|API version .{0,60}(?:too|unsupported|not supported)|protocol version|Maximum supported API version|minimum supported|Python \d\.\d{1,2} (?:is|or)|requires at least|needs at least|mismatched? versions?|UnsupportedOperation\w{0,10}: .{0,60}version|InconsistentVersion|unsupported pickle protocol|was created by a newer|newer than (?:supported|the)|node-pre-gyp|NODE_MODULE_VERSION|invalid ELF header|Illegal reflective access|InaccessibleObjectException|Unsupported Java|getSubject is (?:supported|not supported)/i,
  },
  {
    cause: 'bad_parameter',
    rank: 7.6,
    at: /invalid URI query parameter|Invalid (?:maximum|initial) heap size|using bad\/illegal format|No scheme supplied|Invalid URL\b|MissingSchema|InvalidSchema|invalid reference format|400 (?:Client Error|Bad Request)|RecordTooLarge|MessageSizeTooLarge|submission failed: Invalid|Invalid (?:account|partition|qos|configuration|config|option|argument|parameter|flag|cron|schedule|timezone|region|bucket name|property|setting|project|expression)\b|Parameter validation failed|ParamValidationError|InvalidArgument\w{0,20}|InvalidRequest\w{0,20}|InvalidInput\w{0,20}|BadRequest\w{0,20}|Unknown (?:parameter|setting|option|argument|command|key|configuration)|unexpected keyword argument '(?:--|param)|Got unexpected extra argument|unknown (?:flag|shorthand|command|subcommand)|No such (?:option|command)|not a valid (?:choice|value|option|name|identifier|URL|URI|port|timestamp|host|selector|parameter)|must (?:not )?be (?:one of|set|specified|provided|greater|less|a valid|an? (?:positive|integer|number|string|absolute))|is not (?:one of|in the list of|allowed here)|Unsupported (?:option|argument|value|parameter|format|compression|codec|scheme|protocol)|IllegalArgumentException|selection criterion .{1,120}does not match any|does not match any (?:nodes|models|enabled)|mutually exclusive|too (?:few|many) arguments|required (?:argument|option|flag)|error: the following|field is immutable|is invalid: (?:spec|metadata)|Invalid value: |error validating data|ValidationError\(|\d{1,6} validation errors? for |does not conform|unable to recognize/i,
  },
  {
    cause: 'rate_limited',
    rank: 9.1,
    at: /Rate exceeded|pull rate limit|429 Too Many|TooManyRequests|Request rate (?:is )?(?:too )?large|throttl(?:ed|ing)|exceeded .{0,40}(?:rate|requests per)|too many (?:requests|concurrent)|API rate limit|secondary rate limit|ConcurrentRunsExceeded/i,
  },
  {
    cause: 'network_timeout',
    rank: 7.9,
    at: /Futures timed out|not present in metadata after \d|TimeoutException|TimeoutError\b|timed out (?:after|waiting|while|during|connecting|reading)|(?:connect(?:ion)?|read|socket|request|response|handshake|idle|write|operation|heartbeat|broker|rpc) (?:has )?tim(?:ed?|ing)[ -]?out|ConnectionTimeout|ConnectTimeoutError|ReadTimeoutError|EAI_AGAIN .{0,40}timeout|Heartbeat .{0,40}(?:timed out|exceeded)|no response (?:from|within|received)|did not respond (?:in|within)|ERR_SOCKET_TIMEOUT|ESOCKETTIMEDOUT|(?:Network|Host) (?:is )?unreachable|Connection timed out|dial tcp .{1,120}: i\/o timeout|unable to reach|upstream request timeout|Gateway Time-?out|LeaderNotAvailable|request timeout/i,
  },
  {
    cause: 'connection_reset',
    rank: 7.8,
    at: /write error: Broken pipe|Response payload is not completed|ClientPayloadError|ServerDisconnected|FetchFailedException|Connection (?:was )?(?:reset|aborted|broken|dropped|lost)\b|Connection (?:was )?closed (?:by|before|while|unexpectedly|prematurely|during)|unexpected(?:ly)? (?:EOF|closed|disconnect|end of stream)|EOF occurred in violation|stream (?:was )?(?:reset|closed|terminated)|connection closed (?:by|before|unexpectedly)|read ECONNRESET|Channel (?:closed|was closed)|ClosedChannelException|the remote end hung up|Broken ?pipe|IncompleteRead|forcibly closed|Premature (?:close|end)|invalid response|rpc error: code = Unavailable desc = (?:transport|error reading)|error reading from server: EOF|peer closed connection|remote (?:host|side) closed|DisconnectException|NetworkException/i,
  },
  // Why an executor was lost stands elsewhere, where it's known.
  {
    cause: 'connection_reset',
    kind: 'executor',
    rank: 5.8,
    at: /ExecutorLostFailure|Lost executor|executor .{0,40}(?:lost|heartbeat)/i,
  },
  {
    cause: 'host_unreachable',
    rank: 7.9,
    at: /Failed to connect to the host via ssh(?!: .{0,200}Permission denied)|SSH Error: data could not be sent/,
  },
  {
    cause: 'connection_refused',
    rank: 7.5,
    at: /Could not connect to the endpoint URL|EndpointConnectionError|Unable to (?:connect|reach) (?:to )?(?:the )?(?:server|host|endpoint|service|cluster|master|api)|failed to (?:connect|dial)\b|could not connect to\b|cannot connect to\b|can't connect to\b|error connecting to|Failed to connect to \S{1,200}:\d{1,5}|connection attempt failed|NoBrokersAvailable|No (?:available )?brokers?|All (?:masters|nodes|brokers|hosts|servers) (?:are )?(?:unresponsive|unavailable|down|failed)|no (?:healthy|available) (?:upstream|server|host)|dial (?:tcp|unix) .{1,200}(?:refused|no such file)|Is the server running|MaxRetryError|Max retries exceeded/i,
  },
  {
    cause: 'tls_certificate_error',
    rank: 7.9,
    at: /SSLPeerUnverified|subject alternative names|SSL: [A-Z_]{4,60}|certificate (?:has |is )?(?:expired|not trusted|unknown|revoked|signed by unknown)|unknown (?:certificate )?authority|wrong version number|ssl3_get|sslv3 alert|tlsv1 alert|unsafe legacy renegotiation|dh key too small|ee key too small|ca md too weak|unable to (?:find|load) (?:valid )?(?:certificat|CA)|trustAnchors parameter must be non-empty|Could not load .{0,60}(?:certificate|truststore|keystore)|tls: |TLS (?:handshake|connection) (?:failed|failure|error)|TLS alert|SSLError|ssl\.SSL|hostname .{1,120} (?:does not|doesn't) match|HandshakeFailure|no peer certificate/,
  },
  {
    cause: 'dns_failure',
    rank: 7.9,
    at: /unable to resolve host|UnresolvedAddressException|UnknownHost|getaddrinfo|Name (?:or service )?not (?:known|resolved)|ENOTFOUND|EAI_AGAIN|EAI_NONAME|no such host|Could(?: not|n't) resolve|Cannot resolve|failed to resolve (?:host|address|'|")|Temporary failure (?:in )?(?:name )?resol|DNS (?:lookup|resolution|query|error)|NameResolution|lookup \S{1,200} on \S{1,80}: |nodename nor servname|server misbehaving|ERR_NAME_NOT_RESOLVED/,
  },
  {
    cause: 'service_5xx',
    rank: 7.8,
    at: /\b5(?:00|02|03|04|20|21|22|24) (?:Internal|Bad|Service|Server|Gateway|Origin|Web server|Backend)|status(?:[ _-]?code)?["']?[ :=]{1,3}5\d\d\b|ServiceUnavailableException|InternalServerError|InternalFailure|ServerSideException|HTTP 50\d|HTTP\/1\.1 50\d|code = (?:Internal|Unavailable)\b|temporarily unavailable|try again later|backend (?:error|fetch failed)|overloaded|ServerError\b|Service is (?:currently )?unavailable|\b50[0234] error|upstream (?:sent|prematurely)/i,
  },
  // locks, files and rights
  {
    cause: 'lock_held',
    rank: 7.9,
    at: /is already in use by container|another (?:operation|process|instance|dbt|update|deployment|apply) .{0,80}(?:in progress|running|holds|is using)|another \w{1,30} process|cannot be locked|Text file busy|Device or resource busy|ETXTBSY|EBUSY|used by another process|Could not set lock|Conflicting lock|Could not (?:acquire|obtain|get) (?:the )?(?:\w{1,20} )?lock|lock .{0,80}(?:already|held|acquired by|could not be)|already (?:in use|being used|running|started|in progress|exists and is running)|File exists.{0,40}lock|\.lock['"]?:? (?:File exists|exists)|Unable to lock|state lock|dpkg frontend lock|Resource deadlock avoided|stop (?:it|the (?:other|running) (?:one|process)) first|concurrent (?:run|execution|operation)s? (?:is|are) not allowed/i,
  },
  {
    cause: 'port_in_use',
    rank: 9.1,
    at: /Ports are not available|listen (?:tcp|udp) \S{1,80}: bind: |address already in use|port \d{1,5} (?:is )?(?:already|in use|not available)|Port already in use|forbidden by its access permissions|Failed to bind (?:to|on)|BindException|could not bind|\bport is already allocated/i,
  },
  {
    cause: 'missing_input_file',
    rank: 7,
    at: /unable to open database file|No rule to make target|TemplateNotFound|Missing input files? for|Failed to open\/read local data|couldn't open file|could not open (?:input|source|the) ?file|Cannot (?:find|locate|read) (?:the )?(?:file|path|input|source)|(?:file|path|directory|folder|input|dataset) ['"`]?[^'"`]{1,200}['"`]? (?:was |is |can |could )?(?:not found|not be found|does not exist|doesn't exist|cannot be found|missing)|No files? (?:found|were found|matching|matched|match)|no input files?|No such file|does not exist: \S{1,200}\/|FileNotFound|NoSuchFile|ENOENT|not found: (?:\/|s3:|gs:|hdfs:|file:)|Input path does not exist|No objects? found (?:at|in|under)|Source (?:file|path|directory) .{0,200}(?:missing|not)|unable to (?:open|find|locate|access|stat|read) (?:input |the |file )?['"`]?[\w./-]{2,200}|Could not read (?:file|from)/i,
  },
  {
    cause: 'permission_denied',
    rank: 6.5,
    at: /detected dubious ownership|Insufficient permissions?|is not writable|not (?:writable|readable) by|cannot (?:create|make|write to|remove|open) (?:directory|folder|file) .{0,200}(?:denied|permitted)|failed to set (?:times|permissions|owner)|chown .{0,200}(?:denied|permitted)|(?:read|write|execute) (?:access|permission) (?:was )?denied|EPERM|EACCES|must be run as root|requires? (?:root|superuser|administrator)|you need to be root|are you root|bad permissions|UNPROTECTED PRIVATE KEY|Access to the path .{1,200} is denied|AccessControlException|Permission denied/i,
  },
  {
    cause: 'native_crash',
    rank: 7,
    at: /illegal memory access|CUDA error|core dumped|\bSIG(?:SEGV|ABRT|BUS|ILL|FPE)\b|worker (?:process )?exited unexpectedly|Python worker (?:exited|failed)|Segmentation fault|terminated abruptly|fatal signal|exited? with (?:code|status) (?:134|139|-11|-6)\b|A fatal error has been detected|Process finished with exit code (?:134|139)|BrokenProcessPool|died with <Signals\.SIG(?:SEGV|ABRT)/i,
  },
  {
    cause: 'killed_by_signal',
    rank: 6.5,
    at: /Task received SIGTERM|received signal (?:9|15|SIG)|died with <Signals\.SIG(?:KILL|TERM)|\bSIGKILL\b|killed by signal|exited? (?:with )?(?:code|status) (?:-9|-15|137|143)\b|was (?:terminated|killed) by (?:signal|SIG)|Evicted\b|Preempt(?:ed|ion)|node .{0,60}(?:was |is )?(?:shut ?down|preempted|terminated)|spot (?:instance )?interruption/,
  },
  {
    cause: 'missing_output',
    rank: 7.9,
    at: /Missing output file|MissingOutputException|expected output .{0,200}(?:missing|not)|output .{0,120}(?:was not created|not generated|not produced|missing after)|No artifacts? (?:found|were|matched)|did not (?:produce|create|write) (?:the |its |any )?(?:expected )?output/i,
  },
  {
    cause: 'code_runtime_error',
    rank: 5.2,
    at: /Task not serializable|: NameError$|is undefined$|UndefinedError|UnboundLocal|ValueError: |KeyError: |Unhandled (?:exception|rejection)|uncaught exception|NotSerializableException|ClassCastException|UnsupportedOperationException|AssertionError|runtime error: |Traceback \(most recent call last\)$/,
  },
]
