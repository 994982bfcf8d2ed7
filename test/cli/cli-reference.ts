// The text of docs/cli.md: what is promised to scripts, by hand, and the help of every command, as the command prints it.
import type { Application, CommandContext } from '@stricli/core'
import { generateHelpTextForAllCommands } from '@stricli/core'
import { sluiceCommand } from '../../electron/cli/sluice-command.ts'

export function cliReference(): string {
  // Help asks nothing of the context that commands are given.
  const application = sluiceCommand('0.0.0') as unknown as Application<CommandContext>
  const help = generateHelpTextForAllCommands(application)
    .filter(([route]) => route !== 'sluice')
    .map(([route, text]) => `## ${route}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`)
  return [promises, ...help].join('\n')
}

const promises = `# The sluice command

Generated from the commands themselves; a test keeps it so (\`UPDATE_DOCS=1 npm run test:unit -- test/cli/docs.test.ts\` writes it).

In a checkout the command is \`npx sluice\`, or \`node bin/sluice.mjs\`.

## What scripts can rely on

**Exit codes**

| code | meaning |
|---|---|
| 0 | It went well. For \`run\`, \`follow\`, \`resume\` and \`retry\`: the run succeeded; for \`wave start\` and \`wave follow\`: all of it recovered. For \`cancel\`: the run is cancelled. |
| 1 | The run failed; a wave did not recover all; for \`fix\`: the remedy failed; for \`audit verify\`: the chain is broken. |
| 2 | Bad input: wrong usage, unknown names, files with errors, a thing whose state does not allow it. |
| 3 | Cancelled: the run was, or the command was left by Ctrl-C. |
| 4 | Trouble with this machine: no engine, a host out of reach, another engine on the home, a newer store. |

**\`--json\`** prints one JSON document on stdout and nothing else there. A failure is a document too:
\`{"error":{"code","message","hint"}}\`. Times are ISO 8601 in UTC. Keys are only ever added.

| command | document |
|---|---|
| \`run\`, \`follow\`, \`show\`, \`resume\`, \`retry\`, \`cancel\`, \`settle\`, \`pause\`, \`unpause\`, \`hold\`, \`unhold\`, \`stop\`, \`approve\`, \`reject\`, \`mark\` | \`{"run","pipeline","version","env","state","paused":SAID,"stopAsked","tasks":[{"task","item","state","host","why","value","items":{"total","counts":{STATE: COUNT}},"child","approval":{"message","askedAt","dueAt","decision","by","reason","values"},"held":SAID,"marked","checkpoint":{"attempt","savedAt","values"},"unsaved":{"attempt","why"},"attempts":[{"number","host","exit","signal","startedAt","endedAt","logBytes","logVerified","cpuMs","peakBytes","unknown","survivors":[TEXT],"chosen","fence"}]}]}\`; SAID is \`{"by","reason","at"}\`, \`paused\` has \`through\`, the run above it that it is paused with, \`stopAsked\` has \`after\` too and \`marked\` has \`state\`; what a run or a task has not is null; \`value\` is what an item stands for; \`exit\` and \`signal\` are null when there is none; \`logVerified\` is \`sha256\`, \`blake2b512\` or \`gmac\` where the whole log was found equal to the host's; \`peakBytes\` is a lower bound; \`unknown\` says why an outcome is not known; \`chosen\` is \`{"why","passedOver":[{"host","why"}]}\` where a pool gave a choice; \`fence\` is \`due\` or \`done\` for an attempt that was given up or failed over |
| \`runs\` | \`{"runs":[{"run","pipeline","version","env","state","createdAt","startedAt","endedAt","cause","tasks":{STATE: COUNT},"asks":{TASK: TEXT},"paused"}]}\`, newest first; \`asks\`: what waits for a person's answer |
| \`resume --plan\`, \`retry --plan\` | \`{"plan":[{"task","item","decision","reason"}],"planId"}\`; a decision is \`reuse\`, \`run\`, \`attach\` or \`refuse\`; of a fan-out that goes on come the items that run again or are refused; \`planId\` is what \`--shown\` takes |
| \`incidents\` | \`{"since","incidents":[{"signature","class","words","firstAt","lastAt","runs":[FAILED]}],"unlike":[FAILED],"unexplained","older"}\`, last failure first; FAILED is \`{"run","pipeline","env","task","host","failedAt"}\`; \`unlike\`: nothing tells why; \`unexplained\`: so many were not looked at yet; \`older\`: so many are not looked at, as 2,000 failed after them |
| \`wave plan\` | \`{"signature","class","words","sizes":{"canary","batch","otherMax"},"version","runs":[{FAILED,"batch","planId","counts":{DECISION: COUNT},"refusals":[{"task","reason"}],"why"}],"unexplained","planId"}\`; batch 0 is the canary, null is left out and \`why\` says why; \`planId\` is what \`--shown\` takes |
| \`wave start\`, \`wave follow\`, \`wave show\`, \`wave stop\` | \`{"wave","signature","class","words","sizes","version","state","why","by","reason","planId","createdAt","endedAt","counts":{STATE: COUNT},"runs":[{"run","pipeline","env","task","host","batch","state","why"}]}\`; a wave is \`canary\`, \`going\`, \`done\`, \`stopped\` or \`cancelled\`, a run of it \`waiting\`, \`going\`, \`recovered\`, \`failed_again\`, \`refused\` or \`skipped\`; \`wave\` alone: \`{"waves":[...]}\` without their runs |
| \`explain\` | \`{"rootTask","via":[{"task","run"}],"attempt","class","summary","evidence":[{"task","line","text"}],"changed":[{"what","task","name","before","after"}],"waiting":[TASK],"hostFacts":[{"label","value","isAlarming"}]}\`; null and empty when nothing failed |
| \`logs\` | \`{"run","task","item","state","kind","attempt","bytes","closed","gaps":[{"offset","bytes","why"}],"items":[{"item","state","value"}],"child","approval"}\`, and no bytes; a kind is \`log\`, \`fan_out\`, \`approval\`, \`pipeline\` or \`none\` (it has not run); what it has not is null |
| \`fix\` | \`{"task","index","title","host","exit","output"}\` |
| \`validate\` | \`{"problems":[{"file","line","column","path","message","hint","severity"}]}\` |
| \`plan\` | \`{"pipeline","env","version","params","tasks":[{"task","needs","hosts","why"}]}\` |
| \`events\` | \`{"events":[{"run","seq","at","kind",...}]}\` |
| \`pipelines\` | \`{"pipelines":[{"pipeline","file","description","tasks","problems","lastRun","lastState","nextFireAt"}]}\` |
| \`why\` | \`{"task","item","state","why","hosts":[{"host","verdict","why"}],"chosen"}\`; a verdict is \`free\`, \`busy\`, \`closed\` or \`down\`; \`why\` is empty when it waits for nothing |
| \`hosts\` | \`{"hosts":[HOST]}\`; also \`hosts check\`; \`hosts check NAME\`, \`login\`, \`trust\`, \`cordon\`, \`drain\`, \`open\`: one HOST; \`hosts sweep\`: \`{"host","days","isPreview","attempts":[{"key","logBytes"}],"files":[TEXT]}\`. A HOST is \`{"name","kind","address","labels","pools","slots","used","queued","link","why","facts","cordon":{"kind","by","reason","at"},"health":{"score","why"},...}\`; a link is \`idle\`, \`connecting\`, \`linked\`, \`down\` or \`refused\`; \`facts.checks\` is \`[{"id","level","found","cost"}]\` with level \`good\`, \`note\` or \`bad\` |
| \`drain\`, \`undrain\` | \`{"drain":{"kind","by","reason","at","running"}}\`; null once it is taken back; a kind is \`draining\` or \`drained\` |
| \`pools\` | \`{"pools":[{"name","hosts","pick","slots","used","queued"}]}\` |
| \`audit\` | \`{"audit":[{"seq","at","by","action","subject","details","reason","hash"}]}\`, newest first |
| \`audit verify\` | \`{"ok","rows","brokenAt","lastFound","last"}\`; \`brokenAt\` is the first row that does not follow, or null; \`last\` is what \`--last\` takes |
| \`doctor\` | \`{"ok","checks":[{"what","verdict","found","hint"}]}\`; a verdict is \`good\`, \`note\` or \`bad\` |
| \`serve\`, \`start\` | one document once it is up: \`{"pid","workspace","url",...}\` |

\`logs RUN TASK\` prints the exact bytes of the log. A task run without a log of its own is told of on stderr, with exit code 2. \`shell\` needs a
terminal and takes no \`--json\`.

States of a run: \`queued running succeeded failed cancelled\`. Of a task run: \`waiting queued running retrying unknown succeeded
reused failed upstream_failed skipped cancelled\`.

**Which engine.** One process at a time is the engine of a home folder (\`SLUICE_HOME\`): the app, \`sluice serve\`, or a \`sluice run\` for its own
time. Every other command is its client over the home's socket; commands that only read also work with no engine up. A \`run\` whose
engine was another process goes on by itself when that process ends. \`run --detach\` needs an engine that stays.

**Ctrl-C** during \`run\`, \`resume\` or \`retry\` cancels the run and waits for the proof that none of its processes is left. A second one
leaves at once: what runs on hosts goes on, and the next engine finds it. During \`follow\` it only leaves.

**People in a run.** \`pause\` lets nothing more of a run start, \`hold\` one task; \`unpause\` and \`unhold\` take it back. \`stop\` lets what
runs come to its end, \`cancel\` ends it. A task that asks a person is answered by \`approve\` or \`reject\`: \`show\` has the question, the
fields of its form and both commands. \`mark\` says how a task counts that did not run. All of it stands in \`events\` and in \`audit\`.

**What a resume does** is shown first: each task run with its decision and the reason. \`--from\` names tasks, items (\`'load[3]'\`, in quotes) or groups,
\`--only\` and \`--upstream\` narrow and widen that, \`--force\` and \`--leave\` change single decisions, with a \`--reason\`. \`--plan\` only shows
it and gives its id; \`--shown ID\` does that very plan, or nothing. A plan that has become another by the time it is done is shown again:
on a terminal you are asked, elsewhere the exit code is 2 and nothing was done.

**What failed alike** is listed by \`incidents\`; \`wave start --like RUN\` recovers all of it: the plan first, then a yes (or \`--yes\`, or
\`--shown ID\`), one run as a canary, and the rest in batches. See docs/waves.md.

**Questions of logins** (a passphrase, a password, a one-time code) are asked on the terminal, without echo where they are secret: by \`run\`,
\`follow\`, \`resume\`, \`retry\`, \`hosts check\`, \`hosts login\`, \`hosts trust\` and \`shell\`. Where stdin or stderr is no terminal, the login fails and says what to do.

**Environment**

| name | meaning |
|---|---|
| \`SLUICE_HOME\` | Folder of the store, the logs and the socket. Default: by the platform's convention (\`~/.local/state/sluice\`, \`~/Library/Application Support/Sluice\`, \`%LOCALAPPDATA%\\Sluice\`) |
| \`SLUICE_WORKSPACE\` | The workspace, where \`--workspace\` is not given; else the nearest folder above with a \`sluice.yaml\` |
| \`SLUICE_SSH_CONFIG\` | Read this file instead of \`~/.ssh/config\` |
| \`SLUICE_DEBUG\` | With any value: a bug prints its stack |
| \`NO_COLOR\`, \`FORCE_COLOR\` | No colours; colours also where stdout is no terminal |

**Completion.** \`eval "$(sluice completion bash)"\`, the same for zsh, \`sluice completion fish | source\`.
`
