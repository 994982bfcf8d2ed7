// What hosts and links ask of a person, by the screens of a served engine against real OpenSSH servers.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { sluice, sluiceJson, type Typed } from './command.ts'
import { expect, test as base } from './desktop-app.ts'
import { launch } from './launch.ts'
import { expectRun, expectTask } from './run-screens.ts'
import { clickNotification, notificationsOf, recordNotifications } from './probes.ts'
import { startServe, type Serving } from './serve.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'
import { makeKey } from '../helpers/test-server.ts'

interface Place {
  at: Typed
  plain: TestSshd
  /** Runs until it is there, a minute at most. */
  gate: string
}

const passphrase = 'correct horse'

const test = base.extend<{ place: Place; served: Page }>({
  place: async ({ home }, use) => {
    const dir = join(home, 'machines')
    const workspace = join(home, 'work')
    const user = join(home, 'user')
    const lockedKey = join(dir, 'locked_key')
    await mkdir(dir)
    await mkdir(join(workspace, 'pipelines'), { recursive: true })
    await mkdir(user)
    await makeKey(lockedKey, passphrase)
    const plain = await startSshd({ dir, name: 'plain' })
    const locked = await startSshd({
      dir,
      name: 'locked',
      extraConfig: `AuthorizedKeysFile ${lockedKey}.pub`,
    })
    await writeFile(join(home, 'known_hosts'), await readFile(plain.knownHostsFile))
    const line = ({ name, port, user: login }: TestSshd, key: string): string =>
      `  ${name}: { address: 127.0.0.1, port: ${port}, user: ${login}, key: ${key} }\n`
    await writeFile(
      join(workspace, 'sluice.yaml'),
      `hosts:\n${line(plain, plain.keyFile)}${line(locked, lockedKey)}environments: { dev: {} }\n`,
    )
    const gate = join(home, 'gate')
    await writeFile(join(workspace, 'pipelines', 'broken.yaml'), brokenPipeline)
    await writeFile(join(workspace, 'pipelines', 'doubt.yaml'), doubtPipeline(gate))
    // No agent of whoever runs this may know the key already.
    await use({ at: { home, workspace, env: { HOME: user, SSH_AUTH_SOCK: '' } }, plain, gate })
    await Promise.all([plain.stop(), locked.stop()])
  },
  served: async ({ place, page }, use) => {
    const { home, workspace, env } = place.at
    const engine: Serving = await startServe({
      home,
      workspace,
      ...(env && { env }),
      screens: true,
    })
    await page.goto(engine.url ?? '')
    await use(page)
    await engine.kill()
  },
})

const brokenPipeline = `name: broken
tasks:
  load:
    host: plain
    env: { TABLE: orders }
    run: echo 41,x >rows.csv; exit 3
`

const doubtPipeline = (gate: string): string => `name: doubt
tasks:
  slow:
    host: plain
    on_unknown: ask
    run: |
      : > ${gate}.begun
      tries=0
      until [ -f ${gate} ]; do tries=$((tries + 1)); [ $tries -gt 600 ] && exit 9; sleep 0.1; done
`

/** What a person gets who draws the mouse over the terminal: selecting copies. */
async function selectedFrom(page: Page, shell: Locator): Promise<string> {
  const box = await shell.locator('[data-shell-pane]').boundingBox()
  if (box === null) return ''
  await page.mouse.move(box.x + 2, box.y + 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width - 30, box.y + box.height - 4, { steps: 4 })
  await page.mouse.up()
  return page.evaluate<string>('navigator.clipboard.readText()')
}

test.skip(skipReason !== null, skipReason ?? '')

const goTo = (page: Page, hash: string): Promise<void> =>
  page.evaluate(`void (location.hash = ${JSON.stringify(hash)})`)

test('a passphrase is asked in the window, and a cordon with its reason is on record', async ({
  served: page,
}) => {
  await goTo(page, '#/hosts/locked')
  const host = page.getByRole('complementary', { name: 'Host locked' })
  await host.getByRole('button', { name: 'Test' }).click()
  const dialog = page.getByRole('dialog')
  const field = dialog.getByLabel(/^Passphrase of .*locked_key$/)
  await field.fill('wrong donkey')
  await dialog.getByRole('button', { name: 'Answer', exact: true }).click()
  // It is asked again, in an empty field.
  await expect(field).toHaveValue('')
  await expect(field).toBeVisible()
  await field.fill(passphrase)
  await page.keyboard.press('Enter')
  await expect(host.getByText('Connected')).toBeVisible({ timeout: 30_000 })
  await expect(dialog).toBeHidden()

  await host.getByRole('button', { name: 'Cordon' }).click()
  await dialog.getByLabel('Reason').fill('Moves to another rack')
  await dialog.getByRole('button', { name: 'Cordon it' }).click()
  await expect(host.getByText('Moves to another rack')).toBeVisible()
  await goTo(page, '#/audit')
  await expect(page.getByRole('list', { name: 'Audit' })).toContainText('Moves to another rack')
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await expect(page.getByText('every one follows from the one before')).toBeVisible()
})

test('in the desktop app a sign-in that waits is told, and its answer is kept by the system', async ({
  place,
}) => {
  const { home, workspace, env } = place.at
  const app = await launch({ home, env: { ...env, SLUICE_WORKSPACE: workspace } })
  try {
    const window = await app.window()
    await recordNotifications(app)
    await app.main(({ BrowserWindow, powerMonitor }) => {
      BrowserWindow.prototype.isFocused = () => false
      powerMonitor.emit('resume')
    }, null)
    const checked = sluice(place.at, 'hosts', 'check', 'locked')
    await expect
      .poll(async () => (await notificationsOf(app)).map(({ title }) => title), { timeout: 30_000 })
      .toEqual(['locked needs the passphrase of a key'])
    await clickNotification(app, 'locked needs the passphrase of a key')
    await expect.poll(() => window.evaluate('location.hash')).toBe('#/hosts/locked')
    const dialog = window.getByRole('dialog')
    await dialog.getByLabel(/^Passphrase of/).fill(passphrase)
    await dialog.getByLabel("Keep it in this system's key store").check()
    await window.keyboard.press('Enter')
    expect((await checked).code).toBe(0)
    const kept = await readFile(join(home, 'desktop', 'kept.json'), 'utf8')
    expect(kept).toContain('locked_key')
    expect(kept).not.toContain(passphrase)
    expect(await app.quit()).toBe(0)
  } finally {
    await app.kill()
  }
})

test('a shell opens in what a failed attempt left, with its environment, and its end is told', async ({
  served: page,
  place,
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const { run } = await sluiceJson<{ run: string }>(place.at, 'run', 'broken')
  await goTo(page, `#/runs/${run}?task=load`)
  await expectRun(page, 'Failed')
  await page.getByRole('region', { name: 'Task load' }).waitFor()
  await page.keyboard.press('t')
  await page.getByRole('button', { name: 'Open the shell' }).click()
  const shell = page.getByRole('region', { name: 'Shell on plain' })
  await expect(shell.getByText('leaves it')).toBeVisible({ timeout: 30_000 })
  await page.keyboard.type('echo "table=$TABLE $(cat rows.csv)"\n')
  await expect
    .poll(() => selectedFrom(page, shell))
    .toMatch(/load attempt 1 on plain[^]*^table=orders 41,x$/m)
  await page.keyboard.type('exit 5\n')
  await expect(shell.getByText(/exit code 5/)).toBeVisible()
  await goTo(page, '#/audit')
  await expect(page.getByRole('list', { name: 'Audit' })).toContainText('shell.opened')
})

test('an outcome that nobody knows is given up by a person, and that is kept with its reason', async ({
  served: page,
  place,
}) => {
  const { run } = await sluiceJson<{ run: string }>(place.at, 'run', 'doubt', '--detach')
  await goTo(page, `#/runs/${run}?task=slow`)
  await expect(page.getByText('Live').first()).toBeVisible({ timeout: 30_000 })
  // Before it runs there, a host that goes away leaves nothing in doubt.
  await expect.poll(() => existsSync(`${place.gate}.begun`), { timeout: 30_000 }).toBe(true)
  await place.plain.stop()
  const panel = page.getByRole('region', { name: 'Outcome unknown' })
  await expect(panel).toContainText('It waits for you without end', { timeout: 45_000 })
  await expect(panel.getByRole('button', { name: 'Fail over' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await panel.getByRole('button', { name: 'Give it up' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('The machine was scrapped')
  await page.getByRole('dialog').getByRole('button', { name: 'Give it up' }).click()
  await expectTask(page, 'slow', 'Failed')
  const { stdout } = await sluice(place.at, 'audit', '--json')
  expect(stdout.toString()).toContain('The machine was scrapped')

  // The host is back after all: its copy is stopped, and only then counts as gone.
  await page.getByRole('tab', { name: 'Attempt', exact: true }).click()
  await expect(page.getByText('Not proved gone yet')).toBeVisible()
  await place.plain.restart()
  await expect(page.getByText('Proved gone. How it had fared')).toBeVisible({ timeout: 45_000 })
  await expectRun(page, 'Failed')
})
