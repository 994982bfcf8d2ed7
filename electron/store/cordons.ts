// Which hosts a person has cordoned. Few rows, asked for with each placement, so they are held in memory too.
import type { Db } from './open.ts'

export interface Cordon {
  kind: 'cordoned' | 'draining'
  by: string
  reason: string
  /** Engine clock, ms since 1970 UTC. */
  at: number
}

export interface Cordons {
  get(host: string): Cordon | null
  /** null: it takes work again. On the disk when it returns. */
  set(host: string, cordon: Cordon | null): void
}

export function openCordons(db: Db): Cordons {
  const rows = db.prepare<[], Cordon & { host: string }>('select * from cordon').all()
  const byHost = new Map(rows.map(({ host, ...cordon }) => [host, cordon as Cordon]))
  const upsert = db.prepare(`
    insert into cordon values (@host, @kind, @by, @reason, @at)
    on conflict (host) do update set kind = @kind, by = @by, reason = @reason, at = @at`)
  const remove = db.prepare('delete from cordon where host = ?')
  return {
    get: (host) => byHost.get(host) ?? null,
    set(host, cordon) {
      if (cordon === null) {
        remove.run(host)
        byHost.delete(host)
      } else {
        upsert.run({ host, ...cordon })
        byHost.set(host, cordon)
      }
    },
  }
}
