// Files, their content, configuration and parameters.
import type { Rule } from './rule.ts'

export const dataRules: readonly Rule[] = [
  {
    cause: 'permission_denied',
    kind: 'docker',
    rank: 9.2,
    at: /permission denied while trying to connect to the Docker|docker\.sock: connect: permission denied/,
  },
  {
    cause: 'data_parse_error',
    rank: 9,
    at: /Error tokenizing data|encountered too many errors, giving up/,
  },
  { cause: 'corrupt_input', rank: 7.5, at: /^.{1,300}: FAILED$/ },
  // The line that names the column says more than the one that sums up.
  {
    cause: 'schema_mismatch',
    rank: 8.5,
    at: /(?:expected|required|wanted) (?:\d{1,6} )?(?:columns?|fields?|headers?)\b.{0,300}\b(?:found|got|but|actual|received|missing|was)\b|(?:found|got) (?:\d{1,6} )?(?:columns?|fields?)\b.{0,200}\b(?:expected|want|wanted)\b/i,
  },
  {
    cause: 'schema_mismatch',
    rank: 9,
    at: /No match for FieldRef|[Cc]olumns? .{0,300}(?:do|does) not exist in the (?:CSV|file|input|data)|[Cc]olumn count (?:does not|doesn't) match|[Vv]alue count does not match|references column position|Expected Number of Columns|verify the columns? names?|number of columns .{0,60}(?:differ|mismatch|does not)|[Cc]olumns? .{0,200}cannot be found in|got an unexpected keyword argument/,
  },
  {
    cause: 'data_parse_error',
    rank: 9,
    at: /ArrowTypeError|Conversion failed for column|Error converting .{0,80} to|year -?\d{1,6} is out of range|cannot be cast to|Could not convert '|Conversion Error: /,
  },
  {
    cause: 'missing_output',
    rank: 8,
    at: /Missing output files?\b|MissingOutputException|output .{1,200} was not (?:created|written|produced)/i,
  },
  // Names in capitals are variables of the environment; columns seldom are.
  {
    cause: 'config_missing',
    kind: 'variable',
    rank: 7,
    at: /KeyError: ['"](?:[A-Z][A-Z0-9]{0,30}_[A-Z0-9_]{1,60}|(?:PG|MYSQL|AWS|DB|API|GOOGLE|AZURE|SPARK|KAFKA)[A-Z0-9_]{1,60}|HOME|PATH|USER)['"]/,
  },

  {
    cause: 'lock_held',
    rank: 8,
    at: /another (?:instance|process|run|copy) (?:holds|is (?:already )?(?:running|using)|has)|already (?:running|locked|in progress)\b(?!.{0,40}skipp)|Could not get lock|Unable to (?:acquire|obtain|lock)\b.{0,80}|(?:could not|cannot|failed to|unable to) (?:acquire|obtain|get|take) .{0,60}lock\b|lock(?:file| file)? .{0,200}(?:exists|is held|held by|already)|Error acquiring the state lock|database is locked|Resource is locked|Unable to create '.{1,300}\.lock': File exists|is locked by|flock: .{0,100}(?:timeout|failed)|LockTimeout|waiting for (?:cache )?lock|pid file .{0,200}exists|stale lock|lock is held|ConcurrentAppendException|holds the lock/i,
  },
  {
    cause: 'config_missing',
    rank: 8,
    at: /: unbound variable$|: parameter not set$|parameter null or not set|(?:environment )?variable .{1,80} (?:is )?(?:not set|not defined|unset|missing|required)\b|(?:missing|required) (?:required )?(?:environment|env|config(?:uration)?)\b.{0,80}|missing (?:required )?(?:config|setting|configuration)|config(?:uration)? (?:file )?.{0,200}(?:not found|does not exist|is missing|missing key|no such)|(?:Could not find|cannot find|could not load|unable to load) .{0,40}(?:config|profile|credentials|settings)|NoSectionError|NoOptionError|No section: |Could not find profile named|Unable to locate credentials|ImproperlyConfigured|The config profile \(.{1,80}\) could not be found|Nicht gesetzte Variable|variable sans liaison|ist nicht gesetzt|Env var required but not provided|You must specify a region|MissingMandatoryValue|Missing required (?:value|option|configuration)|No such property|Could not resolve placeholder|DefaultCredentialsError|could not automatically determine credentials|NoCredentialsError|NoRegionError/i,
  },
  {
    cause: 'config_missing',
    rank: 8,
    at: /(?:No such file or directory|FileNotFoundError|cannot open|can't open|not found|NoSuchFile|ENOENT).{0,300}(?:\/(?:conf|config|etc|settings|secrets|credentials)\/|\.(?:ini|cfg|conf|toml|properties|env)\b|\bconfig\.(?:ya?ml|json)|profiles\.yml|dbt_project\.yml|settings\.\w{2,5}|application\.(?:ya?ml|conf))|(?:\/(?:conf|config|etc|settings|secrets|credentials)\/[^ ]{0,200}|\.(?:ini|cfg|conf|toml|properties|env)['"’]?|\bconfig\.(?:ya?ml|json)['"’]?): No such file or directory/i,
  },
  {
    cause: 'bad_parameter',
    rank: 8,
    at: /unrecogni[sz]ed (?:option|argument|parameter|flag)|unknown (?:option|argument|flag|shorthand flag|command line flag|parameter)|invalid option\b|illegal option|(?:invalid|bad|illegal) (?:argument|parameter)\b|invalid choice: |unexpected argument|No such option|the following arguments are required|expected one argument|option requires an argument|requires? (?:an? |at least )?(?:\d |one )?argument|flag provided but not defined|(?:unbekannte|ungültige) Option|option (?:invalide|inconnue|non reconnue)|Unrecognized VM option|Could not create the Java Virtual Machine|InvalidParameterValue|ValidationException|invalid (?:value|date|number|duration|size)\b.{0,40} for (?:option|argument|parameter|flag|'?-)|invalid literal for int\(\) with base 10: '\d{1,9}[kmg]b?'|Value '.{1,80}' is not (?:a )?valid|missing operand|extra operand|too many arguments|usage: \S{1,80} \[|parameter .{1,80} must be|must be (?:a positive|an integer|between|one of|greater)|date: invalid date|invalid \w{1,30} value: |BadParameter|Error: Invalid value for|Error: Missing (?:argument|option)|integer expression expected|numeric argument required|invalid number of lines|invalid number\b|invalid time interval/i,
  },
  {
    cause: 'data_test_failed',
    rank: 8,
    at: /\bFAIL(?:ED)? .{0,120}\bfailures=[1-9]|data (?:quality )?(?:test|check)s? .{0,120}fail|Failure in test |Got [1-9]\d{0,12} results?, configured to (?:fail|warn)|(?:quality|validation|expectation|assertion|row.?count|sanity|integrity|reconciliation|uniqueness|not.null) (?:check |test |gate )?.{0,80}(?:failed|violated|not met)|expectations? .{0,80}(?:failed|not met|unsuccessful)|(?:row|record)s? ?counts? .{0,200}(?:differs?|mismatch|does not match|do not match|below|too (?:low|few)|out of)|checks? failed\b|DataQuality\w{0,40}(?:Error|Exception|Failed)|ValidationError: .{0,200}(?:expectation|rows)|"success": false|test \w{1,120} failed|control total|checksum of totals|Soda scan .{0,80}fail|\d{1,9} (?:of|\/) \d{1,9} (?:tests|checks|expectations) failed|anomaly detected|threshold exceeded|Completed with [1-9]\d{0,6} errors?\b/i,
  },
  {
    cause: 'upstream_data_stale',
    rank: 8,
    at: /freshness (?:check|test|gate)?.{0,60}(?:fail|error|violated|stale)|watermark .{0,80}(?:older|behind|not advanced|stale)|(?:data|source|table|partition|input|file|snapshot|feed) .{0,80}(?:is stale|too old|out ?dated|not fresh|older than)|stale (?:data|source|input|partition|snapshot)|ERROR STALE|no new (?:data|records|files|partitions) since/i,
  },
  {
    cause: 'upstream_data_stale',
    kind: 'source',
    rank: 7,
    quiet: true,
    at: /reusing (?:cached|previous|yesterday|last|old)|(?:source|input|upstream) (?:is )?(?:unchanged|not changed|not modified|has not changed)|using (?:cached|stale|previous|yesterday's) (?:extract|copy|data|snapshot|version|file)|newest (?:record|row|event|partition) .{0,60}(?:ts|date|dt)?|304 Not Modified|no new (?:data|records|files|partitions)|fall(?:ing|s)? back to (?:yesterday|previous|last|cached|old)|watermark (?:did not|not|has not) (?:advance|move)/i,
  },
  {
    cause: 'schema_mismatch',
    rank: 8,
    at: /unexpected columns?\b|(?:missing|required|unknown|extra|renamed) (?:columns?|fields?|headers?)\b(?! '.{1,120}' in )|columns? .{0,120}(?:not found|(?:is |are )?missing|not in (?:index|axis|schema|header|file)|does not exist in (?:the )?(?:file|schema|data|header))|Usecols do not match|not in index|None of \[.{0,200}are in the|schema (?:mismatch|changed|differs|validation|drift|evolution)|SchemaError|SchemaMismatch|header (?:mismatch|differs|does not match|changed)|(?:wrong|unexpected|different) (?:number of (?:columns|fields)|header|schema)|Expected \d{1,6} (?:fields|columns)|extra data after last expected column|missing data for column|UNRESOLVED_COLUMN|cannot resolve '.{1,120}' given input columns|UNRECOGNIZED_COLUMN|FIELD_NOT_FOUND|Column count doesn't match|Length mismatch: Expected axis|no such column in (?:file|header|csv)|ColumnNotFoundError|incompatible schema|Mapping for \S{1,80} not found, expected one of|required property '?.{1,60}|is a required property|Additional properties are not allowed|No such field\b|AvroTypeException|AvroSchema|has no field named/i,
  },
  {
    cause: 'schema_mismatch',
    kind: 'key',
    rank: 6,
    at: /^\s{0,40}KeyError: |KeyError: '|key not found: |NoSuchElementException: key not found|ColumnNotFound|has no attribute '.{1,80}' in record/,
  },
  {
    cause: 'data_parse_error',
    rank: 8,
    at: /invalid input syntax for (?:type )?|(?:date\/time field|numeric field|value) .{0,60}(?:out of range|overflow)|could not convert string to|invalid literal for (?:int|float)\(\)|NumberFormatException|Invalid isoformat string|does not match format '|codec can't (?:decode|encode)|UnicodeDecodeError|invalid byte sequence for encoding|Incorrect (?:integer|decimal|datetime|date|string|double) value|Data truncat(?:ed|ion)|CSV (?:parse|parsing)? ?error|MalformedCSV|malformed (?:csv|json|xml|record|line|row|number)|(?:cannot|could not|failed to|unable to) (?:parse|decode|deserialize)\b|not well-formed|XMLSyntaxError|ParserError|MalformedInputException|CAST_INVALID_INPUT|Numeric value '.{1,80}' is not recognized|bad (?:row|record|line|number)\b|line contains NUL|value too long for type|parse error on line|unparseable|Text '.{1,80}' could not be parsed|DateTimeParseException|ArrowInvalid|OutOfBoundsDatetime|time data .{1,80} does not match|InvalidOperation: \[<class 'decimal|ConversionSyntax|Bad input\b|expected type \w{1,30}, (?:got|found)|unterminated CSV quoted field|unquoted (?:newline|carriage return)|conversion error|TypeError: unsupported format|INVALID_CAST|MALFORMED_RECORD/i,
  },
  {
    cause: 'data_parse_error',
    kind: 'json',
    rank: 8,
    at: /JSONDecodeError|JsonParseException|Expecting value: line|Unexpected token .{0,40}JSON|Unexpected end of JSON|parse error: Invalid|invalid character .{1,40} looking for|jq: parse error|Expecting property name|Extra data: line|is not valid JSON|JsonSyntaxException|invalid json|MalformedJsonException/i,
  },
  {
    cause: 'corrupt_input',
    rank: 9,
    at: /gzip: .{0,300}(?:unexpected end of file|not in gzip format|invalid compressed data|crc error|trailing garbage)|Unexpected EOF in archive|Error is not recoverable|This does not look like a tar archive|computed checksums? did NOT match|checksum (?:mismatch|error|failed|does not match)|(?:sha256|sha1|md5|crc)(?:sum)? ?(?:mismatch|does not match|differs)|BadZipFile|BadGzipFile|zlib\.error|EOFError: Compressed file ended|not a (?:zip|gzip|gzipped) file|invalid (?:magic|header|zip|block type|stored block)|is not a Parquet file|Parquet magic bytes not found|magic number|corrupt(?:ed)? (?:file|data|archive|input|block|footer|record)|Archive: .{0,200}cannot find|End-of-central-directory signature not found|bzip2: .{0,200}(?:ends unexpectedly|not a bzip2|bad magic)|xz: .{0,200}(?:Unexpected end of input|not recognized|corrupt)|zstd: .{0,200}(?:unexpected end|unsupported format|corrupt|premature)|ZipException|EOFException|Truncated (?:file|gzip|archive|input)|unexpected end of (?:archive|stream|compressed)|premature end of|CRC (?:check|error|mismatch)|hash mismatch|ChecksumException|BlockMissingException|image file is truncated|pr.fsumme.{0,60}nicht|size mismatch|Stream ended before|bad CRC|lzma\.LZMAError/i,
  },
  {
    cause: 'remote_object_missing',
    rank: 8,
    at: /NoSuchKey|NoSuchBucket|NoSuchUpload|returned error:? (?:404|410)|HTTP (?:Error |status )?(?:404|410)|\b(?:404|410)(?::)? (?:Not Found|Gone)|An error occurred \(404\)|fatal: repository .{1,300} (?:does not exist|not found)|does not appear to be a git repository|Remote branch .{1,120} not found|couldn't find remote ref|pathspec .{1,120} did not match|manifest unknown|manifest for .{1,200} not found|BlobNotFound|ContainerNotFound|The specified (?:key|blob|bucket|container) does not exist|No such object: |BucketNotFound|CommandException: No URLs matched|matched no objects|550 .{0,120}(?:No such file|not found|Failed to open)|ERROR 404|Couldn't open file sftp|ResourceNotFoundException|pull access denied|Repository not found|Unknown topic|UNKNOWN_TOPIC_OR_PART|could not find .{0,40}(?:release|package|artifact)|(?:pods?|services?|namespaces?|jobs?|configmaps?|secrets?)(?:\.\w{1,30})? ".{1,120}" not found|Error from server \(NotFound\)|No matching distribution found|status(?: code)?:? ?404|status=404|404 Client Error/i,
  },
  {
    cause: 'missing_input_file',
    rank: 6,
    at: /No such file or directory|FileNotFoundError|NoSuchFileException|java\.io\.FileNotFoundException|\bENOENT\b|Errno 2\b|\(os error 2\)|cannot (?:stat|access|open|find) .{1,300}|can't open (?:file|input)|link_stat .{1,300} failed|files? (?:has )?vanished|change_dir .{1,300} failed|Path does not exist|PATH_NOT_FOUND|Input path does not exist|Input Pattern .{1,300} matches 0 files|(?:input|source|expected|required|landing) (?:file|files|path|folder|directory|object|partition).{0,200}(?:not found|missing|does not exist|absent|not exist|never arrived)|Datei oder Verzeichnis nicht gefunden|Aucun fichier ou dossier de ce (?:type|nom)|No existe el (?:archivo|fichero) o el directorio|no matches found: |no files? (?:found|matched|matching)|could not open file|The system cannot find the (?:file|path)|file .{1,300} (?:not found|does not exist)|NotFoundError: .{0,200}file|Cannot open .{1,300} for reading|not a valid file|Unable to read input/i,
  },
  {
    cause: 'permission_denied',
    rank: 6,
    at: /Permission denied|PermissionError|Errno 13\b|Errno 1\b|\bEACCES\b|\bEPERM\b|Operation not permitted|AccessDeniedException|AccessControlException|Keine Berechtigung|Permission non accord.e|Permiso denegado|Zugriff verweigert|Vorgang nicht zul.ssig|\(os error 13\)|Access is denied|Operation not allowed|not writable|is not in the sudoers|sudo: (?:a password is required|no tty|a terminal is required)/i,
  },
  {
    cause: 'upstream_data_empty',
    rank: 7,
    at: /(?:no|zero|0) (?:rows|records|data|lines|events|messages|items|objects)\b.{0,60}(?:to (?:process|load|aggregate|publish|export)|found|returned|available|extracted|in (?:input|source|upstream))|(?:input|source|upstream|extract|result|dataset|data ?frame|table|file|partition) .{0,120}(?:is|was) empty|empty (?:input|dataset|data ?frame|file|result|source|extract|partition)|EmptyDataError|No columns to parse from file|(?:got|read|loaded|has|have|with|found) 0 (?:rows|records|lines)|nothing to (?:process|load|publish|aggregate)|expected (?:at least|more than|>=?) ?\d{1,9} (?:rows|records)/i,
  },
]
