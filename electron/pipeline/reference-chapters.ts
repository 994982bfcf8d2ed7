// What the reference says besides the tables of fields.

export const intro = `# Pipeline and workspace files

A workspace is a folder with \`sluice.yaml\` and \`pipelines/*.yaml\`. This page is made from the published JSON Schemas
(\`schema/pipeline.schema.json\`, \`schema/workspace.schema.json\`) by \`node scripts/generate-reference.ts\`; do not edit it.

- Files are UTF-8 and YAML 1.2: only \`true\` and \`false\` are booleans, \`no\` is a word. One document per file.
- Refused, because other tools read them differently or lose something: duplicate keys (also \`1\` beside \`"1"\`), merge keys
  (\`<<\`), tags, integers above 2^53, values that hold themselves, files above 1 MiB, 60,000 tokens or 64 levels.
- Fields that are text take a plain number as it is written: \`VERSION: 3.10\` is \`3.10\`.
- A duration is written like \`30s\`, \`10m\`, \`1h30m\`, \`250ms\` or \`2d\`, \`3650d\` at most; a size like \`10GB\` (1000 bytes a KB) or \`64KiB\` (1024).
- A name starts with a letter or \`_\` and holds letters, digits, \`_\`, \`.\` and \`-\`, 64 characters at most. Params and
  environment variables hold letters, digits and \`_\` only.
- \`sluice validate\` reports all problems at once, each with its line, its column and what to write instead.
`

export const chapters = `## Expressions

Values of \`env\`, params of a sub-pipeline and the message of an approval may hold \`\${{ }}\` with an expression in
[CEL](https://cel.dev); \`when\`, \`branch\` and \`fan_out\` are one expression. They are checked when a file is loaded: unknown names,
tasks that may not have ended yet and wrong types are problems. A command (\`run\`) takes none: values reach it as environment variables.

| name | what |
|---|---|
| \`params.NAME\` | a param, with its type: text, integer, number or boolean; dates are text |
| \`vars.NAME\` | a variable of the environment; text |
| \`env.name\`, \`environment\` | the name of the environment |
| \`pipeline\` | the name of the pipeline |
| \`logical_date\` | the date that a run stands for; a run without one cannot use it |
| \`tasks.NAME.outputs.KEY\` | an output value of a task upstream: what it wrote to [\`$SLUICE_OUTPUT\`](outputs.md), or an answer of an approval. Of a task with \`fan_out\`: the list of its items' values |
| \`tasks.NAME.state\` | how a task upstream ended: \`succeeded\`, \`reused\`, \`failed\`, \`upstream_failed\`, \`skipped\` or \`cancelled\` |
| \`item\`, \`item_index\` | in a task with \`fan_out\`: the item, and its number from 0. Not in its \`branch\` and \`over\` |
| \`outputs.KEY\` | in \`branch\`: the task's own output values |
| \`run.id\` | the run |
| \`run.state\` | in \`finally\`: how the tasks fared, \`succeeded\`, \`failed\` or \`cancelled\` |
| \`re(text, pattern)\` | whether an [RE2](https://github.com/google/re2/wiki/Syntax) pattern is found in the text |
| \`addDays(date, days)\` | a date some days later, or earlier: \`addDays(params.day, -1)\` |
| \`json(x)\` | any value as JSON text: an environment variable holds text, no list |
| \`has(x.KEY)\`, \`size(x)\` | whether a mapping has the key; how many entries or characters |
| \`list.all(x, ...)\`, \`exists\`, \`exists_one\`, \`filter\`, \`map\` | loops over a list: \`tasks.list.outputs.files.filter(f, f.endsWith(".csv"))\` |

A name with a dash or a dot is written \`tasks["load-eu"].state\`. Conversions are \`string(x)\`, \`int(x)\`, \`double(x)\`. Not offered: \`matches\`
(a bad pattern may run for hours) and \`cel.bind\`. A loop goes over values as they are, two loops deep at most, and an expression ends with
a fault after so many steps (about 200,000; a loop over 10,000 entries with a short body fits), so that none holds the engine up.

What is known when a run is planned is evaluated then: \`sluice plan\` shows the values. The rest is evaluated when the task starts, with numbers
of JSON as integers where they are whole. Where that cannot be done (no such output value, a text where a number is needed) the task
fails and says so.

## When a task starts

\`needs\` says what a task comes after, and \`trigger_rule\` how that has to have ended. Names and meaning are those of Airflow:

| \`trigger_rule\` | starts when |
|---|---|
| \`all_success\` | all needs succeeded; without a \`trigger_rule\` |
| \`all_failed\` | all failed |
| \`all_done\` | all ended, however |
| \`all_done_min_one_success\` | all ended, none was skipped, and one succeeded |
| \`all_skipped\` | all were skipped |
| \`one_success\`, \`one_failed\`, \`one_done\` | as soon as one did; \`one_done\`: succeeded or failed |
| \`none_failed\` | all ended, none failed: they succeeded or were skipped |
| \`none_failed_min_one_success\` | the same, and one succeeded |
| \`none_skipped\` | all ended, none was skipped |
| \`always\` | at once |

Or a condition over their states: \`\${{ succeeded('a') && (failed('b') || skipped('c')) }}\`, with \`succeeded\`, \`failed\`, \`skipped\` and \`done\`
of needs, \`&&\`, \`||\`, \`!\` and parentheses. Of a group, \`failed\` is true when one of its last tasks failed, the others when all of them did so.

- \`when\` is asked after that: false skips the task, and its downstream goes by its own rules. In a task with \`fan_out\`, a \`when\` that names
  \`item\` is asked for each item.
- \`branch\` chooses among the tasks right after it, by name, or a group by its name.
- \`setup\` and \`teardown\`: a teardown runs once everything before it has ended and one of its set-ups has succeeded, also in a run that is
  cancelled. It comes after what uses the set-up: \`needs\` them.
- \`finally\`: tasks that start when everything else has ended. They may need each other, and know how each task ended.
- \`verdict: leaves\` lets a run succeed whose last tasks succeeded, as Airflow does; \`allow_failure\` takes one task out of the verdict.

## What running it twice would do

\`effect\` says it, and each of these goes by it:

| effect | a retry | a resume | failover, while the first copy's fate is not known |
|---|---|---|---|
| \`pure\`, \`idempotent\` | as \`retries\` says | where it has to | as \`on_unknown\` says |
| \`external\`: it tells or asks somebody else | as \`retries\` says | where it has to | never: \`failover\` asks a person |
| \`irreversible\` | never, once it may have begun | refused, once it may have begun; a person may force it, with a reason | never |

The default is \`idempotent\`: without \`retries\` nothing is tried again by itself, a resume shows what it runs again before it does so, and another
host takes over only where \`on_unknown\` says \`failover\`.

## Groups

A task with \`tasks\` is a group: its tasks are called \`group.task\`. Inside it a name means a sibling first, then what is around it. What the group
needs, its first tasks need; who needs the group needs its last ones (teardowns do not count). \`env\`, \`host\`, \`retries\`, \`timeout\`, \`effect\`,
\`on_unknown\` and \`priority\` of a group hold for its commands where they say nothing else. Groups stand inside each other five deep at most.

## A task for each item

\`fan_out\` runs a task once for each item of a list, which may be known only when the task is about to start: at most 10,000 items, each with its own state,
log and retries. The item stands in \`$SLUICE_ITEM\` (a text as it is, anything else as JSON), its number in \`$SLUICE_ITEM_INDEX\`, and both in
expressions. \`join\` says when the whole counts as succeeded.

A task that comes after it takes the files of all items as one folder: \`inputs: { parts: load.part }\` gives \`parts/0.csv\`, \`parts/1.csv\` and so
on, named by the item's number, with as many digits for each (\`parts/007.csv\` of 500), so that they sort as the items do, and with the
ending that the output has. Items that failed or were skipped have none. An output value is the list of the items' values.

## Pipelines that run pipelines

A task with \`pipeline\` starts another pipeline of the workspace as a run of its own, in the same environment and with the same logical date, and ends as that
ends. The version is taken with that of its parent: what is started is what was planned. No pipeline may run itself, near or far, and they run
each other eight deep at most. Its \`retries\` go on with the run that failed: what had succeeded in it is not done again.

A chain of tasks for each item of a list is such a pipeline with \`fan_out\`: \`{ pipeline: load-region, fan_out: LIST, params: { region: "\${{ item }}" } }\`.
Each item goes on as soon as its own task before it has succeeded, \`max_parallel\` counts items whose chain is under way, a resume
repeats of an item only what had not succeeded, and \`join\` says when the whole counts as succeeded.

## Pools

A task that names a pool, or a name that its environment binds to one, runs on one of the pool's hosts: the one that \`pick\` says of
those that are open, in reach and have a free slot. A task that is run again goes to the host where it was, if that one can take it.
Which host took it, and why none of the others, stands with the attempt: \`sluice show\`, \`sluice why RUN TASK\`.

- A version holds the hosts as they were when the run was planned. Which of them a task runs on changes nothing about its work: a
  resume reuses it also where another host of the pool did it.
- A remedy without a \`host\` runs on the host of the task's last attempt. It may name another host, not another pool.

## When an outcome is not known

The link is gone, or the host: the task may run on, may have ended, may never have begun. It is \`unknown\` then, which is no failure,
and Sluice goes on asking. \`on_unknown\` says for how long, and what then:

| \`on_unknown\` | what is done |
|---|---|
| \`wait 2h\` | asks for two hours, then calls the attempt lost: it failed, and \`retries\` apply. Without \`on_unknown\`: \`wait 24h\` |
| \`fail\` | calls it lost at once |
| \`ask\` | waits for a person, without end: \`sluice settle RUN TASK wait\`, \`fail\` or \`failover\` |
| \`failover\` | starts it on another host of its pool as soon as the first copy cannot run any more |
| \`wait 10m then failover\`, \`wait 1h then ask\` | asks for so long first; 30 days at most |

A failover is for tasks that may run twice: \`pure\` and \`idempotent\` ones. Others refuse it, and where there is no other host a person
is asked. No two copies live at once: the first one's host stops it by itself when it has heard nothing from us for as long as the
wait says, a minute at least, and only then does another host begin. When the first host is back, what is left there is ended
before anything else. A host that comes back in time reports what became of the task, and that counts.

## Files that travel

A task runs in a folder of its own on its host. There are: the workspace files that its command names (a word of the command
that is a file of the workspace), those that \`files\` lists, and its \`inputs\`. A file has 16 MiB at most, all files of a task 64 MiB.
`
