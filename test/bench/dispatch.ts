// P1: from the engine's decision to the first instruction of the task, on a warm host, one after the other.
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Pipe } from '../../electron/hosts/transport.ts'
import { sketchPlan } from '../helpers/world.ts'
import { openBenchHosts } from './bench-hosts.ts'
import type { BenchHosts } from './bench-hosts.ts'
import { exitOf, openControlMaster } from './control-master.ts'
import type { BenchRow, Figure } from './figure.ts'
import { ms, quantile } from './figure.ts'

const warmUps = 20
const fasterGoal = 4
const overBareGoal = 3

export const dispatch: BenchRow = {
  name: 'P1',
  title: 'dispatch of one task on a warm host',
  secondsMax: 180,
  async measure({ quick, dir }) {
    let decidedAt = 0
    const onStart = (): void => {
      decidedAt = performance.now()
    }
    const bench = await openBenchHosts({ dir, names: ['warm'], slots: 8, onStart })
    const server = bench.servers[0]!
    const master = await openControlMaster(server, dir)
    const first = openFirstInstruction(join(dir, 'first'))
    const bare = await openBareShell(bench)
    const plan = sketchPlan({ tiny: { host: 'warm', run: `echo x >'${first.path}'` } })
    const ours: number[] = []
    const ssh: number[] = []
    const line: number[] = []
    // In turns, so that a slow moment of the machine meets all three.
    for (let count = -warmUps; count < (quick ? 60 : 300); count++) {
      const firstAt = first.next()
      await bench.run(plan)
      const taken = [
        (await firstAt) - decidedAt,
        await sshTime([...master.args, server.name, 'true']),
        await bare.time(),
      ]
      if (count < 0) continue
      ours.push(taken[0]!)
      ssh.push(taken[1]!)
      line.push(taken[2]!)
    }
    bare.close()
    first.close()
    await master.close()
    await bench.close()
    return [
      faster('p50', 0.5, ours, ssh),
      faster('p99', 0.99, ours, ssh),
      overBare(quantile(ours, 0.5), quantile(line, 0.5)),
    ]
  },
}

function faster(name: string, share: number, ours: number[], ssh: number[]): Figure {
  const [mine, theirs] = [quantile(ours, share), quantile(ssh, share)]
  const ratio = theirs / mine
  return {
    row: 'P1',
    what: `dispatch ${name}`,
    ours: ms(mine),
    reference: `${ms(theirs)} ssh -S ctl host true`,
    ratio,
    goal: `>= ${fasterGoal}x faster`,
    met: ratio >= fasterGoal,
    note: '',
  }
}

function overBare(mine: number, bare: number): Figure {
  const ratio = mine / bare
  return {
    row: 'P1',
    what: 'dispatch p50 over bare',
    ours: ms(mine),
    reference: `${ms(bare)} line, fork, reply`,
    ratio,
    goal: `<= ${overBareGoal}x`,
    met: ratio <= overBareGoal,
    note: '',
  }
}

async function sshTime(args: readonly string[]): Promise<number> {
  const startedAt = performance.now()
  const code = await exitOf('ssh', args)
  if (code !== 0) throw new Error(`ssh over the control socket ended with ${code}`)
  return performance.now() - startedAt
}

interface FirstInstruction {
  path: string
  /** When the next task writes. Ask before it is started. */
  next(): Promise<number>
  close(): void
}

// The hosts are this machine, so the task's first instruction can write into a pipe that is read here.
function openFirstInstruction(path: string): FirstInstruction {
  execFileSync('mkfifo', [path])
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const socket = new Socket({ fd, readable: true, writable: false })
  let onByte = (_at: number): void => {}
  socket.on('data', () => onByte(performance.now()))
  return {
    path,
    next: () => new Promise((resolve) => (onByte = resolve)),
    close() {
      socket.destroy()
      try {
        closeSync(fd)
      } catch {
        // The socket has closed it.
      }
    },
  }
}

interface BareShell {
  time(): Promise<number>
  close(): void
}

/** What no dispatch over ssh can beat: one line to a shell that is there, a fork, one line back. */
async function openBareShell(bench: BenchHosts): Promise<BareShell> {
  const transport = bench.transportOf(bench.servers[0]!)
  const connection = await transport.connect(AbortSignal.timeout(20_000))
  const pipe: Pipe = await connection.exec('exec sh')
  let onReply = (): void => {}
  pipe.onData(() => onReply())
  return {
    async time() {
      const startedAt = performance.now()
      const replied = new Promise<void>((resolve) => (onReply = resolve))
      await pipe.write(Buffer.from('(echo x)\n'))
      await replied
      return performance.now() - startedAt
    },
    close: () => connection.close(),
  }
}
