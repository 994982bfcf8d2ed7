// `ipcMain`: what the preloads send and ask.
import { StrictEmitter } from './strict.ts'

export type InvokeHandler = (event: object, ...args: unknown[]) => unknown

export class IpcMain extends StrictEmitter {
  readonly handlerByChannel = new Map<string, InvokeHandler>()

  constructor() {
    super('ipcMain', [])
  }

  handle(channel: string, handler: InvokeHandler): void {
    if (this.handlerByChannel.has(channel))
      throw new Error(`Attempted to register a second handler for '${channel}'`)
    this.handlerByChannel.set(channel, handler)
  }

  removeHandler(channel: string): void {
    this.handlerByChannel.delete(channel)
  }

  // Channels are the app's own names: any will do.
  override assertKnown(): void {}
}

export const ipcMain = new IpcMain()
