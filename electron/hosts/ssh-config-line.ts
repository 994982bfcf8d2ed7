// One line of an OpenSSH client configuration: its keyword and its words, or why OpenSSH would refuse it (ssh_config(5)).

export type ConfigLine =
  | { kind: 'nothing' }
  | { kind: 'words'; keyword: string; words: readonly string[]; rest: string }
  | { kind: 'refused'; keyword: string; why: string }

export function readConfigLine(line: string): ConfigLine {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return { kind: 'nothing' }
  if (text.includes('\0')) return { kind: 'refused', keyword: 'host', why: 'has a NUL' }
  const [, name = '', quotedName, after = ''] =
    /^(?:([^\s="]+)|"([^"]*)")(?:\s*=\s*|\s+|$)([^]*)$/.exec(text) ?? []
  const keyword = (quotedName ?? name).toLowerCase()
  const refused = (why: string): ConfigLine => ({ kind: 'refused', keyword, why })
  if (keyword === '') return refused('has no keyword')
  if (after === '') return refused(`has no value after "${keyword}"`)
  // A command is taken to the end of its line, quotes and all.
  if (keyword.endsWith('command')) return { kind: 'words', keyword, words: [after], rest: after }
  const words = splitWords(after)
  if (words === null) return refused('has a quote without its end')
  if (words.length === 0) return refused(`has no value after "${keyword}"`)
  if (words.length > 1 && oneWord.has(keyword))
    return refused(`has more than one word after "${keyword}"`)
  if (keyword === 'port' && !isPort(words[0] ?? '')) return refused(`has the port "${words[0]}"`)
  return { kind: 'words', keyword, words, rest: after }
}

export const isKnownKeyword = (keyword: string): boolean => known.has(keyword)

export const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535

/** Words apart by blanks, with quotes of both kinds and `\` before a quote; `#` begins a comment. null: a quote is open. */
function splitWords(text: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at)
    const next = text.charAt(at + 1)
    if (quote === '' && /\s/.test(letter)) {
      if (word !== null) words.push(word)
      word = null
    } else if (quote === '' && letter === '#' && word === null) {
      break
    } else if (letter === '\\' && (/["'\\]/.test(next) || (quote === '' && next === ' '))) {
      word = (word ?? '') + next
      at++
    } else if (letter === quote) {
      quote = ''
    } else if (quote === '' && /["']/.test(letter)) {
      quote = letter
      word ??= ''
    } else {
      word = (word ?? '') + letter
    }
  }
  if (quote !== '') return null
  if (word !== null) words.push(word)
  return words
}

/** Of those that a connection needs. */
const oneWord = new Set(
  'hostname port user identityfile certificatefile controlpath hostkeyalias identityagent identitiesonly proxyjump checkhostip connecttimeout addressfamily bindaddress'.split(
    ' ',
  ),
)

const known = new Set(
  `host match include addkeystoagent addressfamily batchmode bindaddress bindinterface canonicaldomains
  canonicalizefallbacklocal canonicalizehostname canonicalizemaxdots canonicalizepermittedcnames casignaturealgorithms
  certificatefile channeltimeout checkhostip ciphers clearallforwardings compression connectionattempts connecttimeout
  controlmaster controlpath controlpersist dynamicforward enableescapecommandline enablesshkeysign escapechar
  exitonforwardfailure fingerprinthash forkafterauthentication forwardagent forwardx11 forwardx11timeout forwardx11trusted
  gatewayports globalknownhostsfile gssapiauthentication gssapiclientidentity gssapidelegatecredentials
  gssapikexalgorithms gssapikeyexchange gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns hashknownhosts
  hostbasedacceptedalgorithms hostbasedauthentication hostbasedkeytypes hostkeyalgorithms hostkeyalias hostname
  identitiesonly identityagent identityfile ignoreunknown ipqos kbdinteractiveauthentication kbdinteractivedevices
  kexalgorithms knownhostscommand localcommand localforward loglevel logverbose macs nohostauthenticationforlocalhost
  numberofpasswordprompts obscurekeystroketiming passwordauthentication permitlocalcommand permitremoteopen
  pkcs11provider port preferredauthentications proxycommand proxyjump proxyusefdpass pubkeyacceptedalgorithms
  pubkeyacceptedkeytypes pubkeyauthentication refuseconnection rekeylimit remotecommand remoteforward requesttty
  requiredrsasize revokedhostkeys securitykeyprovider sendenv serveralivecountmax serveraliveinterval sessiontype setenv
  stdinnull streamlocalbindmask streamlocalbindunlink stricthostkeychecking syslogfacility tag tcpkeepalive tunnel
  tunneldevice updatehostkeys user userknownhostsfile verifyhostkeydns versionaddendum visualhostkey warnweakcrypto
  xauthlocation challengeresponseauthentication skeyauthentication tisauthentication cipher compressionlevel
  dsaauthentication rsaauthentication rhostsrsaauthentication rhostsauthentication fallbacktorsh usersh useroaming
  useprivilegedport useblacklistedkeys protocol protocolkeepalives afstokenpassing kerberosauthentication
  kerberostgtpassing smartcarddevice setuptimeout globalknownhostsfile2 userknownhostsfile2 identityfile2`.split(
    /\s+/,
  ),
)
