// Plain words: what a sentence about an error says, whoever says it. The last to be believed: a guess, and called one.
import type { Rule } from './rule.ts'

/** Words by which a line says that it is about trouble at all. */
const trouble =
  /\b(?:err|fail(?:ed|s|ure|ures|ing)?|fatal|cannot|can't|can not|could(?: not|n't)|unable|not (?:be )?(?:found|possible|allowed|supported|permitted)|denied|refused|invalid|abort(?:ed|ing)?|panic|critical|severe|unreachable)\b|(?<![-/.])\berrors?\b(?![-/.]\w| (?:handling|rate|threshold|log|count|budget))|[a-z]Error\b|Exception\b/i

function plain(cause: string, rank: number, at: RegExp): Rule {
  return { cause, kind: 'plain', rank, at, also: trouble }
}

export const plainRules: readonly Rule[] = [
  plain(
    'code_syntax_error',
    4.6,
    /syntax error|(?:dockerfile|query|script|template|grammar) pars(?:e|ing) error|unexpected (?:token|symbol|character|keyword|identifier|end of (?:file|input|statement)|'[^']{1,20}'|<EOF>)|end of file while|unknown instruction|unterminated|unbalanced|missing (?:bracket|quote|parenthesis|semicolon)|must be a (?:constant|literal)/i,
  ),
  plain(
    'out_of_memory',
    4.6,
    /\bmemory .{0,40}(?:exhausted|exceeded|overflow)|(?:allocat\w{0,6}|insufficient|not enough|low on|out of) .{0,40}memory\b/i,
  ),
  plain(
    'disk_full',
    4.6,
    /(?:disk|volume|partition|file ?system|storage|device) .{0,40}(?:is |was )?(?:full|exhausted)\b|(?:insufficient|not enough|no|out of) .{0,20}(?:disk|storage|free) ?space/i,
  ),
  plain(
    'http_auth_failure',
    4.5,
    /authori[sz]ation (?:failed|error|denied)|authentication|unauthori[sz]ed|not authori[sz]ed|forbidden|credentials?\b|active account|log ?in (?:required|failed|first|again)|\bapi.?key\b|access token|(?:bad|invalid|expired) token/i,
  ),
  plain('rate_limited', 4.4, /too many requests|rate.?limit|throttl/i),
  plain(
    'dns_failure',
    4.4,
    /\bDNS\b|resolv(?:e|ing) (?:the )?(?:host|name|address|domain)|unknown host/i,
  ),
  plain('tls_certificate_error', 4.4, /\b(?:TLS|SSL|x509)\b|certificate/i),
  plain(
    'network_timeout',
    4.4,
    /timed?[ -]?out\b|deadline exceeded|no response\b|host (?:is )?unreachable/i,
  ),
  plain(
    'db_object_missing',
    4.3,
    /\b(?:table|column|relation|view|schema|database|procedure|sequence)s?\b .{0,120}(?:not found|does(?: not|n't) exist|missing|unknown|unresolved)|(?:unknown|missing|no such|undefined|unresolved) (?:table|column|relation|view|schema|database|function)/i,
  ),
  plain(
    'connection_refused',
    4.3,
    /connect(?:ion|ing)? .{0,60}(?:refused|failed)|(?:failed|unable|could not|cannot|can't) .{0,20}(?:connect|reach|contact)\b/i,
  ),
  plain(
    'connection_reset',
    4.25,
    /\bEOF\s{0,4}$|broken pipe|errno (?:32|104|107)\b|not connected|disconnected|connection .{0,20}(?:lost|closed|dropped|terminated|interrupted)|unexpected (?:packet|disconnect|close)|cannot read all data|short read/i,
  ),
  plain('corrupt_input', 4.25, /corrupt|truncated|checksum|\bCRC\b|bad magic|unexpected end of/i),
  plain(
    'quota_exceeded',
    4.2,
    /\bquota\b|too many (?!open|connections|requests|arguments)\w{2,30}|(?:limit|maximum) .{0,60}(?:exceeded|reached)|exceed(?:s|ed) (?:the )?(?:limit|maximum|max)/i,
  ),
  plain('permission_denied', 4.2, /\bpermissions?\b|not permitted|access denied|privileges?\b/i),
  plain(
    'lock_held',
    4.2,
    /\block(?:ed|s)?\b|in use by|(?:being|is) (?:used|updated|written|modified)\b|already running|\bbusy\b/i,
  ),
  plain(
    'version_incompatible',
    4.2,
    /\bunsupported\b|(?:is|are) not supported|not (?:yet )?implemented|incompatible|requires? (?:version|at least)|given constraints|no (?:available|matching) (?:version|release)s?\b/i,
  ),
  plain(
    'bad_parameter',
    4.15,
    /\barguments?\b|\boptions?\b|\bparameters?\b|\bflags?\b|^usage:|invalid (?:command|value|name|input|format|url|path|configuration|request)|INVALID_ARGUMENT|must (?:be|have|contain|match|start|end|not)\b|does not support|did you mean|not a valid|is invalid/i,
  ),
  plain(
    'schema_mismatch',
    4.1,
    /(?:columns?|fields?|schemas?|types?|attributes?) .{0,120}(?:mismatch|differ|(?:not|n't) match|unexpected|incompatible)|cannot (?:restore|convert|cast|coerce|assign)\b/i,
  ),
  plain(
    'python_import_error',
    4.1,
    /\b(?:module|package|library|dependency|extension)\b .{0,80}(?:not (?:be )?(?:found|installed|available)|missing)/i,
  ),
  plain(
    'command_not_found',
    4.1,
    /\b(?:command|executable|binary|program)\b .{0,80}(?:not (?:be )?(?:found|installed)|missing)/i,
  ),
  plain(
    'config_missing',
    4.05,
    /\b(?:config\w{0,12}|settings?|variables?|environment|profile|property|secret)\b .{0,100}(?:not (?:set|found|defined|configured|provided)|missing|required|undefined|empty)|(?:missing|required|undefined|unset) .{0,40}\b(?:config\w{0,12}|settings?|variables?|property|key|secret)\b|not configured/i,
  ),
  plain(
    'missing_input_file',
    4,
    /\b(?:files?|paths?|director(?:y|ies)|folders?|datasets?|archives?)\b .{0,120}(?:not (?:be )?found|missing|does(?: not|n't) exist|no such)|no (?:such )?(?:files?|paths?|director(?:y|ies))\b|(?:cannot|could not|can't|unable to) (?:find|open|read|stat|locate) /i,
  ),
  plain(
    'data_test_failed',
    4,
    /\b(?:checks?|tests?|validations?|assertions?|expectations?)\b .{0,60}fail/i,
  ),
  plain(
    'service_5xx',
    4,
    /internal (?:server )?error|service unavailable|try again|temporar(?:y|ily)\b/i,
  ),
  plain('native_crash', 4, /\bcrash(?:ed|es)?\b|segfault|failed to respond to the plugin/i),
  plain(
    'remote_object_missing',
    3.9,
    /not (?:be )?found|does(?: not|n't) exist|no such\b|has no deployed|\bno \S{1,60} .{0,60}(?:found|exists)\b|unknown (?:repository|image|topic|bucket|project)/i,
  ),
  plain(
    'data_parse_error',
    3.8,
    /\bpars(?:e|ing)\b|decod(?:e|ing)|deserial|malformed|invalid (?:json|xml|csv|date|number|character|utf)|\bconversions?\b/i,
  ),
]
