// PostgreSQL, MySQL, SQLite, Oracle, SQL Server, the cloud warehouses, dbt and Spark SQL.
import type { Rule } from './rule.ts'

export const databaseRules: readonly Rule[] = [
  {
    cause: 'timeout',
    kind: 'db_statement',
    rank: 9,
    at: /canceling statement due to (?:statement|user|idle|transaction) ?\w{0,20} ?timeout|statement timeout|maximum statement execution time exceeded|Query execution was interrupted|max_execution_time|ORA-01013|ORA-02396|Query timed out|query timeout|Statement reached its statement or warehouse timeout|SQL execution canceled|exceeded (?:the )?(?:query|execution) time(?:out| limit)|Execution Timeout Expired|Job (?:execution )?(?:timed out|exceeded time limit)/i,
  },
  {
    cause: 'db_deadlock_or_lock',
    rank: 9,
    at: /deadlock detected|canceling statement due to lock timeout|Lock wait timeout exceeded|Deadlock found when trying to get lock|ORA-00060|ORA-00054|could not obtain lock on|was deadlocked on lock|chosen as the deadlock victim|could not serialize access|serialization failure|Lock request time out|lock timeout\b|SQLITE_BUSY|LockAcquisition|metadata lock/i,
  },
  {
    cause: 'db_too_many_connections',
    rank: 9,
    at: /too many connections|too many clients already|remaining connection slots are reserved|max_user_connections|connection limit exceeded|ORA-00020|ORA-12519|ORA-12520|max(?:imum)? (?:number of )?(?:client )?connections (?:reached|exceeded)|no more connections allowed|QueuePool limit of size|connection pool (?:is )?(?:exhausted|timed out)|HikariPool.{0,60}(?:timed out|not available)|pool_size reached|sorry, too many/i,
  },
  {
    cause: 'db_read_only',
    rank: 9,
    at: /in a read-only transaction|--read-only option|--super-read-only|database is (?:in )?read.?only|attempt to write a readonly database|cannot execute \w{1,20} .{0,40}during recovery|running with the --read-only|is opened read-only|hot standby mode|ORA-16000|READ_ONLY_MODE|NotWritablePrimary|not master|READONLY You can't write|standby database opened for read-only/i,
  },
  {
    cause: 'db_connection_lost',
    rank: 8,
    at: /terminating connection due to|server closed the connection unexpectedly|connection to server was lost|MySQL server has gone away|Lost connection to (?:MySQL )?server|SSL connection has been closed unexpectedly|ORA-03113|ORA-03114|ORA-03135|connection already closed|the database system is (?:shutting down|starting up|in recovery)|could not receive data from server|could not send data to (?:server|client)|SSL SYSCALL error|CommunicationsException|Communications link failure|no connection to the server|server conn crashed|Connection is closed|This connection has been closed|lost synchronization with server|An I\/O error occurred while sending to the backend|terminating because of crash of another server process|OperationalError: .{0,40}(?:closed|gone away|lost)|connection was killed/i,
  },
  {
    cause: 'db_auth_failure',
    rank: 8,
    at: /password authentication failed|no password supplied|role ".{1,80}" does not exist|no pg_hba\.conf entry|Peer authentication failed|Ident authentication failed|Access denied for user|ORA-01017|ORA-28000|ORA-28001|Login failed for user|Incorrect username or password was specified|authentication plugin|SCRAM authentication|is not permitted to log in|Authentication failed for user|JWT token is invalid|password has expired|(?:NOAUTH|WRONGPASS) |Authentication is required|MongoServerError: Authentication failed|Role .{1,80} (?:is not assigned|does not exist or not authorized)|GSSAPI .{0,60}fail/i,
  },
  {
    cause: 'db_constraint_violation',
    rank: 8,
    at: /violates (?:unique|foreign key|not-null|check|exclusion) constraint|violates .{0,40}constraint|duplicate key value|Duplicate entry|foreign key constraint fails|cannot be null|UNIQUE constraint failed|NOT NULL constraint failed|FOREIGN KEY constraint failed|CHECK constraint failed|ORA-00001|ORA-02291|ORA-02292|ORA-01400|ORA-02290|Cannot insert (?:duplicate key|the value NULL)|conflicted with the (?:FOREIGN KEY|CHECK|REFERENCE)|E11000 duplicate key|IntegrityError|IntegrityConstraintViolation|ConstraintViolationException|Doppelter Schl.sselwert|NULL result in a non-nullable column|MERGE (?:command cannot affect row a second time|.{0,40}matched (?:more than one|multiple))|UPDATE\/MERGE must match at most one|cannot affect row a second time|DELTA_MULTIPLE_SOURCE_ROW/i,
  },
  {
    cause: 'db_permission_denied',
    rank: 8,
    at: /permission denied for (?:table|relation|schema|database|sequence|function|view|language|column|tablespace|foreign|materialized|type|large)|must be owner of|must be (?:superuser|a member)|command denied to user|Access denied; you need|ORA-01031|ORA-01045|permission was denied on the object|Insufficient privileges|SELECT permission|INSERT permission|not authorized on|denied on (?:object|database|schema)|does not have (?:\w{1,40} )?(?:permission|privilege|access)\b.{0,80}(?:table|dataset|schema|database|warehouse)|User does not have permission to query table|keine Berechtigung f.r (?:Tabelle|Schema|Relation)|droit refus. pour|INSUFFICIENT_PERMISSIONS|permission denied to (?:create|set|alter|drop)/i,
  },
  {
    cause: 'db_object_missing',
    rank: 8,
    at: /(?:relation|column|table|view|schema|function|procedure|type|index|sequence|database|operator|constraint|extension|collation) .{1,160} does not exist|(?:Relation|Spalte|Tabelle|Datenbank|Schema) .{1,160} existiert nicht|(?:relation|colonne|table|base de donn.es) .{1,160} n'existe pas|Table '.{1,160}' doesn't exist|Unknown (?:column|database|table)|ORA-00942|ORA-00904|ORA-04043|Invalid (?:object|column) name|no such (?:table|column)\b|Object '.{1,160}' does not exist|does not exist or not authorized|invalid identifier|Table or view not found|TABLE_OR_VIEW_NOT_FOUND|TABLE_NOT_FOUND|Not found: (?:Table|Dataset|Project)|SCHEMA_NOT_FOUND|NoSuchTableException|NoSuchDatabaseException|UndefinedTable|UndefinedColumn|depends on a node named .{1,120} which was not found|Cannot open database|UNKNOWN_TABLE|database ".{1,80}" does not exist|Unrecognized name: |missing FROM-clause entry|could not open relation with OID|(?:关系|字段|列|表) .{1,120}不存在/i,
  },
  {
    cause: 'db_connection_refused',
    rank: 8,
    at: /connection to server (?:at|on) .{1,300} failed: (?:Connection refused|No such file|Connection timed out|timeout expired|No route)|could not connect to server|pgbouncer cannot connect|server_login_retry|no such host is known|Can't connect to (?:local )?(?:MySQL )?server|Can't connect to local|ORA-12541|ORA-12514|ORA-12170|connection to server on socket|PSQLException: Connection to \S{1,200} refused|The TCP\/IP connection to the host .{1,200} has failed|A network-related or instance-specific error|psycopg2?\.OperationalError: .{0,200}(?:refused|could not connect)|pymongo\.errors\.ServerSelectionTimeoutError|No servers available|ServerSelectionTimeout|could not connect to (?:postgres|mysql|the database|database)|redis\.exceptions\.ConnectionError|Could not connect to Redis|NoHostAvailable|250001 .{0,80}Could not connect/i,
  },
]
