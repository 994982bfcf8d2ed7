// `nativeTheme`: the pages' `prefers-color-scheme` follows it. The system of the stand-in is light.
import { StrictEmitter, strict } from './strict.ts'

type Source = 'system' | 'light' | 'dark'

class NativeTheme extends StrictEmitter {
  source: Source = 'system'

  constructor() {
    super('nativeTheme', ['updated'])
  }

  get themeSource(): Source {
    return this.source
  }

  set themeSource(source: Source) {
    this.source = source
    setImmediate(() => this.emit('updated'))
  }

  get shouldUseDarkColors(): boolean {
    return this.source === 'dark'
  }
}

export const nativeTheme = strict('nativeTheme', new NativeTheme())

export function colorScheme(): 'light' | 'dark' {
  return nativeTheme.shouldUseDarkColors ? 'dark' : 'light'
}
