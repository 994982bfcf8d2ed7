// Whether a person writes somewhere at this moment: nothing may take the focus from them then.

/** The text area of a log takes no input, and counts for nothing. */
export function isWritingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('[data-log-pane]') !== null) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

export function isSomebodyBusy(): boolean {
  return isWritingIn(document.activeElement) || isDialogOpen()
}

export function isDialogOpen(): boolean {
  return (
    document.querySelector('[role="dialog"], [role="alertdialog"], [data-mantine-modal]') !== null
  )
}
