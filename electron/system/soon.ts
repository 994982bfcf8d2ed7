// The end of a turn of the event loop, when all sockets that had something have been read.

export function soon(callback: () => void): void {
  setImmediate(callback)
}
