// The task's own command: found, executable, loadable, alive, and right in itself.
import type { Rule } from './rule.ts'

export const processRules: readonly Rule[] = [
  // With 127 the missing file is the command itself, whoever was to start it.
  {
    cause: 'command_not_found',
    kind: 'file',
    rank: 8,
    at: /^(?:xargs|nohup|sudo|nice|ionice|timeout|time|setsid|stdbuf|flock|chroot|setpriv|runuser|watch|strace): .{1,300}: (?:No such file or directory|command not found)|(?:\bline \d{1,6}|^(?:ba|da|z|k)?sh): .{1,300}: (?:No such file or directory|Datei oder Verzeichnis nicht gefunden|Aucun fichier ou dossier de ce type)$/,
    exits: [127],
  },
  {
    cause: 'not_executable',
    kind: 'container',
    rank: 9,
    at: /starting container process.{0,40}exec: ?.{1,200}permission denied|unable to start container process: .{0,20}exec:? .{1,200}permission denied/,
  },
  {
    cause: 'command_not_found',
    kind: 'container',
    rank: 9,
    at: /(?:starting container process|unable to start container process).{0,40}exec: ?.{1,200}(?:executable file not found|no such file or directory)/,
  },
  {
    cause: 'version_incompatible',
    rank: 9,
    at: /UnsupportedClassVersionError|class file version \d{1,3}\.\d|version [`'"]GLIBC(?:XX)?_[\d.]{1,12}['"] not found|GLIBC_[\d.]{1,12}' not found|requires (?:Python|python|Java|java|Node|node|glibc) ?(?:version)? ?[<>=~!]{0,2} ?\d|incompatible (?:library|version|protocol)|version mismatch|NoSuchMethodError|AbstractMethodError|compiled (?:against|using) .{0,40}(?:API|NumPy) version|numpy\.(?:dtype|ndarray) size changed|not supported between this version|unsupported (?:protocol|file|format) version|server version mismatch|client version \S{1,20} is too (?:new|old)|unsupported version|wrong ELF class|version of Node\.js|Unsupported major\.minor version|IncompatibleClassChangeError|was built with a different version/,
  },
  {
    cause: 'bad_interpreter',
    rank: 9,
    at: /bad interpreter|\\r['’"”]?: (?:No such file|Datei oder|Aucun fichier|command not found)|\^M: |env: .{0,40}\\r|\$'\\r': |defekter Interpreter|mauvais interpr.teur|env: [‘'"]?[\w./+-]{1,80}[’'"]?: (?:No such file or directory|Datei oder Verzeichnis nicht gefunden|Aucun fichier ou dossier)|required file not found/i,
  },
  {
    cause: 'not_executable',
    rank: 8,
    at: /Exec format error|cannot execute(?: binary file|: required file not found)|(?:line )?\d{1,6}: [^ :]{1,300}: (?:Permission denied|Keine Berechtigung|Permission non accord.e|Permiso denegado|Is a directory|Ist ein Verzeichnis)$|Errno 8\b|(?:sh|bash|dash|zsh|ash|exec|env)[^:]{0,60}: .{0,300}: Permission denied$|fork\/exec \S{1,300}: (?:permission denied|exec format error)|is not executable$|\bENOEXEC\b/,
    exits: [126],
  },
  {
    cause: 'not_executable',
    rank: 8,
    at: /Exec format error|cannot execute binary file|Errno 8\b|fork\/exec \S{1,300}: (?:permission denied|exec format error)|kann die Bin.rdatei nicht ausf.hren/i,
  },
  {
    cause: 'missing_library',
    rank: 8,
    at: /error while loading shared libraries|cannot open shared object file|Could not find or load main class|ClassNotFoundException|NoClassDefFoundError|Library not loaded|UnsatisfiedLinkError|Hauptklasse .{1,200} konnte nicht gefunden|undefined symbol: |symbol lookup error|cannot load library|Unable to load (?:native|shared) library|DllNotFoundException|no \S{1,80} in java\.library\.path|Error loading shared library|Error relocating|unable to access jarfile|could not load (?:the )?shared library|could not access file "\$libdir/i,
  },
  {
    cause: 'python_import_error',
    rank: 8,
    at: /ModuleNotFoundError: |ImportError: (?!.{0,200}shared object)|No module named ['"]?\w|Cannot find module '|ERR_MODULE_NOT_FOUND|Can't locate \S{1,120}\.pm in @INC|cannot load such file -- |there is no package called|PackageNotFoundError|DistributionNotFound|cannot import name/,
  },
  {
    cause: 'command_not_found',
    rank: 8,
    at: /: command not found|: \S{1,120}: not found$|: not found$|command not found: |(?:Befehl|Kommando) nicht gefunden|commande introuvable|orden no encontrada|executable file not found in \$PATH|No such command\b|is not recognized as an internal|: applet not found/,
    exits: [127],
  },
  {
    cause: 'command_not_found',
    rank: 8,
    at: /: command not found$|command not found: |(?:Befehl|Kommando) nicht gefunden|commande introuvable|orden no encontrada|executable file not found in \$PATH|^(?:\/\S{1,80}\/)?(?:sh|dash|ash): (?:line )?\d{0,6}:? ?\S{1,120}: not found$|is not recognized as an internal/,
  },
  {
    cause: 'native_crash',
    rank: 8,
    at: /Segmentation fault|double free|free\(\): |malloc\(\): |corrupted (?:size|double-linked|unsorted)|munmap_chunk|\*\*\* stack smashing|\bAborted\b.{0,200}|\bcore dumped\b|A fatal error has been detected by the Java Runtime|SIGSEGV|Bus error|Illegal instruction|Floating point exception|Fatal Python error|terminate called (?:after|without)|buffer overflow detected|AddressSanitizer|Speicherzugriffsfehler|Erreur de segmentation|Abgebrochen|Assertion .{1,200} failed\.?$|unexpected fault address|heap corruption/,
    exits: [132, 134, 135, 136, 139, 159],
  },
  {
    cause: 'native_crash',
    rank: 7,
    at: /Segmentation fault|double free or corruption|double free detected|\*\*\* stack smashing detected|\(core dumped\)|A fatal error has been detected by the Java Runtime|Fatal Python error: |AddressSanitizer: |signal SIGSEGV/,
  },
  {
    cause: 'killed_by_signal',
    rank: 6,
    at: /^Terminated$|\bTerminated\b {2,}|^Killed$|\bKilled\b {2,}|^Hangup$|received SIGTERM|SIGTERM received|KeyboardInterrupt|Received signal (?:15|2|1)\b|^Getötet$|^Beendet$|^Broken pipe$|BrokenPipeError|RECEIVED SIGNAL TERM|signal: (?:killed|terminated)|Caught signal|Shutdown requested/,
  },
  {
    cause: 'code_syntax_error',
    rank: 8,
    at: /syntax error near unexpected token|syntax error: unexpected|unexpected EOF while looking for|SyntaxError: |IndentationError: |TabError: |ERROR: {1,2}syntax error at or near|You have an error in your SQL syntax|\bParseException: |AnalysisException: .{0,40}\[?(?:PARSE_SYNTAX_ERROR|syntax)|PARSE_SYNTAX_ERROR|mismatched input '|SQL compilation error:? ?(?:syntax|error line)?|Syntax error: |ORA-009\d\d|ORA-00103|Incorrect syntax near|syntax error at line|error: expected .{1,80} before|Compilation Error in (?:model|macro|test)|unterminated quoted string|TemplateSyntaxError|syntax error, unexpected|parse error near|awk: .{0,120}syntax error|near ".{1,80}": syntax error|Unerwartete[sn]? (?:Token|Symbol)|Syntaxfehler|Parse error: |erreur de syntaxe|yaml\.scanner\.ScannerError|jq: error: syntax error/,
  },
  {
    cause: 'code_runtime_error',
    rank: 5,
    at: /^\s{0,40}(?:TypeError|ZeroDivisionError|AttributeError|NameError|IndexError|UnboundLocalError|AssertionError|RecursionError|NotImplementedError|RuntimeError|StopIteration|OverflowError|ArithmeticError|LookupError)\b|NullPointerException|ArrayIndexOutOfBounds|IndexOutOfBoundsException|ClassCastException|ArithmeticException|IllegalStateException|StackOverflowError|ConcurrentModificationException|panic: |goroutine \d{1,9} \[running\]|thread '.{1,80}' panicked at|NoMethodError|has no attribute '|is not defined$|is not a function\b|undefined method|Uncaught (?:Type|Reference|Range)?Error|^(?:Type|Reference|Range)Error: |NullReferenceException|division by zero|Can't call method|Error in .{1,120} : |non-numeric argument|object '.{1,80}' not found|undefined is not a function|called .{1,40} on a[n]? .{0,20}(?:None|Err) value|PHP Fatal error|UnboundVariableError|maximum recursion depth/,
  },
]
