// What a task of a case does on its host, and what its log and its output then must hold, byte for byte.
import { createHash } from 'node:crypto'
import type { TaskShape } from './case-shape.ts'
import { asOther, hangingPlace } from './machine.ts'

/** Files in the home of a host, outside of all that Sluice knows. */
export const witness = {
  starts: 'starts',
  ends: 'ends',
  /** A file per attempt: made at its start, with the bytes of log that it has written. */
  progress: 'progress',
  /** A file per attempt, written by whoever of it lives. */
  alive: 'alive',
  mended: 'mended',
}

const pad = '.'.repeat(50)

/** The script is the same for all tasks; their `env` tells them apart. */
export const taskScript = `
key=$SLUICE_ATTEMPT
echo "$key" >>"$HOME/starts"
echo 0 >"$HOME/progress/$key"
live='while :; do echo x >"$HOME/alive/$SLUICE_ATTEMPT"; sleep 0.5; done'
deaf='trap "" TERM HUP; exec sleep 600'
finish() { echo "$key $1" >>"$HOME/ends"; exit "$1"; }
for pair in $INPUTS; do
  sum=$(sha256sum <"from-\${pair%%:*}")
  [ "\${sum%% *}" = "\${pair#*:}" ] || finish 9
done
case $CANARY in canary-*) ;; *) finish 8 ;; esac
case $LEAVES in
setsid) setsid sh -c "$live" & ;;
nohup) nohup sh -c "$live" >/dev/null 2>&1 & ;;
double_fork) ( ( sh -c "$live" & ) & ) ;;
stubborn) ( trap '' TERM HUP; eval "$live" ) & ;;
stopped) sh -c 'kill -STOP $$; sleep 60' & ;;
other_user) ${asOther} env "FAULTS_ATTEMPT=$key" sh -c "$deaf" 2>/dev/null & ;;
other_user_apart) ${asOther} env "FAULTS_ATTEMPT=$key" setsid sh -c "$deaf" 2>/dev/null & ;;
in_the_kernel) cat ${hangingPlace}/file 2>/dev/null & ;;
esac
if [ "$LINES" -gt 0 ]; then
  awk -v k="$key" -v n="$LINES" -v b="$BLOCK" -v p="$PAUSE" -v f="$HOME/progress/$key" 'BEGIN {
    pad = "${pad}"
    for (i = 0; i < n; i++) {
      s = k " " i " " substr(pad, 1, (i * 7) % 50)
      print s
      bytes += length(s) + 1
      if ((i + 1) % b == 0) { fflush(); print bytes >f; close(f); if (p > 0) system("sleep " p) }
    }
  }' || finish 7
fi
[ -z "$LASTS" ] || eval "$live"
[ "$SLUICE_ATTEMPT_NUMBER" -gt "$FAILS" ] || finish 3
[ -z "$NEEDS_MENDING" ] || [ -e "$HOME/mended" ] || finish 4
if [ -n "$OUTPUT" ]; then
  awk -v t="$SLUICE_TASK" -v n="$OUTPUT" 'BEGIN { for (i = 0; i < n; i++) print t " row " i * 3 }' >out.dat || finish 8
fi
finish 0
`

export function taskEnv(task: TaskShape, all: readonly TaskShape[]): Record<string, string> {
  const rowsOf = (name: string): number => all.find((one) => one.name === name)?.outputLines ?? 0
  return {
    INPUTS: task.inputs.map((name) => `${name}:${outputHash(name, rowsOf(name))}`).join(' '),
    LEAVES: task.leaves.replaceAll(' ', '_'),
    LINES: String(task.lines),
    BLOCK: String(task.blockLines),
    PAUSE: String(task.pauseMs / 1000),
    LASTS: task.lasts ? '1' : '',
    FAILS: String(task.fails),
    NEEDS_MENDING: task.needsMending ? '1' : '',
    OUTPUT: task.outputLines === null ? '' : String(task.outputLines),
  }
}

/** The whole log of an attempt that nothing has ended early. */
export function wholeLog(key: string, lines: number): string {
  const all: string[] = []
  for (let i = 0; i < lines; i += 1) all.push(`${key} ${i} ${pad.slice(0, (i * 7) % 50)}\n`)
  return all.join('')
}

export function outputHash(task: string, rows: number): string {
  const hash = createHash('sha256')
  for (let i = 0; i < rows; i += 1) hash.update(`${task} row ${i * 3}\n`)
  return hash.digest('hex')
}
