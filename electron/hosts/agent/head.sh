# The host's end of Sluice: one POSIX sh file, no tools but those every system has. docs/host-protocol.md is its contract.
#   H1  A key is started once: the file own/KEY is made with O_EXCL (noclobber). Whoever loses answers with the state.
#   H2  Requests are lines on stdin, answers are lines on stdout, each one write. Raw bytes go alone, by one writer.
#   H3  A supervisor (a forked copy of this shell) outlives the channel: it enforces the timeout, writes exit/KEY as
#       one line that ends in `end` (a reader takes nothing less), then tells every agent in inbox/.
#   H4  Alive means: same boot id, same pid, same start time.
#   H5  A stop is TERM, KILL after the grace, then proof over /proc: session id, and SLUICE_ATTEMPT in the environment.
#   H7  A task's environment lives in this process and the task alone: never in a file, never in an argument.
#   H9  release KEY removes all of it; keep DAYS KEY all but the folder of one that failed; sweep what nobody released.
# Names begin with _ so that no variable of the account is changed under the task's feet.
set -u
_nonce=$1 _mode=$2 _dir=$3 _client=$4
# Of a task that ends as soon as it has begun, zsh (5.9) gives the exit code to who forked it, and to `wait` another.
[ -z "${ZSH_VERSION-}" ] || ! command -v emulate >/dev/null 2>&1 || { printf '! %s %s: zsh reads the agent\n' "$_nonce" "$_dir"; exit 1; }
_lc=${LC_ALL-} _lcset=${LC_ALL+x}
LC_ALL=C
_umask=$(umask)
umask 077
IFS=' '
_sh=/bin/sh
_nl='
' _spare= _sparing= _fresh= _work=- _notifier= _kin= _sids= _ourSid= _keep= _keptNow= _keptCount=0
