// The way out of a shell whose host no longer answers, as ssh has it: at the start of a line, "~." leaves; "~~" is a "~".

export interface LeaveKeys {
  /** What goes to the shell; `isLeaving`: the person wants out, and nothing after it counts. */
  take(typed: string): { text: string; isLeaving: boolean }
}

export function openLeaveKeys(): LeaveKeys {
  let isLineStart = true
  let isHeld = false
  return {
    take(typed) {
      let text = ''
      for (const key of typed) {
        if (isHeld) {
          isHeld = false
          if (key === '.') return { text, isLeaving: true }
          text += key === '~' ? '~' : `~${key}`
          isLineStart = key === '\r' || key === '\n'
        } else if (isLineStart && key === '~') isHeld = true
        else {
          text += key
          isLineStart = key === '\r' || key === '\n'
        }
      }
      return { text, isLeaving: false }
    },
  }
}
