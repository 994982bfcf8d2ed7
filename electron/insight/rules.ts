// The wording of tools, as data: one row names a cause by what a line says.
//   W1  Highest rank wins; within a rank the latest line, and on one line the earlier row. 9: names the cause behind another symptom. 8: a tool's own fatal wording.
//       6: an exception or errno that could come from anything. 4: plain words, a guess. 2: says that it failed, hardly why.
//   W2  No row may backtrack: gaps are bounded (`.{0,80}`), no nested repeats. Lines are hostile.
//   W3  A row that also matches a healthy log is no rule: `test/insight` holds them against good logs.
import { databaseRules } from './rules-database.ts'
import { dataRules } from './rules-data.ts'
import { hostRules } from './rules-host.ts'
import { networkRules } from './rules-network.ts'
import { processRules } from './rules-process.ts'
import { plainRules } from './rules-plain.ts'
import { toolRules } from './rules-tools.ts'
import type { Rule } from './rule.ts'

export const rules: readonly Rule[] = [
  ...hostRules,
  ...databaseRules,
  ...networkRules,
  ...processRules,
  ...dataRules,
  ...toolRules,
  ...plainRules,
]
