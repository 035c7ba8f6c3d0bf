import { expect, test } from '@playwright/test'
import { go, headline, LONG } from '../../drill/window-hands.ts'
import { reportOn } from '../../in-process/report.ts'
import { readPdf, squeezed } from '../../pdf.ts'
import { axeFindsNothing } from '../axe.ts'
import type { Organization } from '../organization.ts'
import { askingWithCredentials } from './recorded.ts'

/** What is left of it all, for whoever audits: the list of cases, a case with its proofs, and a file to put away. */
export function auditing(people: () => Organization): void {
  test('who took part is told who may review; the review by who did not stands in every window, and the new key is still owed', async () => {
    const { ana, raj, leo } = people()
    for (const { page } of [ana, raj]) {
      await go(page, 'Now')
      const owed = page.getByRole('region', { name: 'Still owed' }).getByRole('listitem').filter({ hasText: 'Review' })
      await expect(owed).toContainText(/Owed since .+ due .+ by Leo Novak/, LONG)
      await owed.getByRole('button', { name: 'Open the case' }).click()
      await expect(page.getByText('You took part in this case; somebody else reviews it.')).toBeVisible()
      await expect(page.getByRole('button', { name: /^Review/ })).toHaveCount(0)
    }
    await leo.review('Nobody could sign in, and payments were stuck')
    for (const { page } of [ana, raj]) {
      const review = page.getByRole('article', { name: 'Review by Leo Novak' })
      await expect(review).toContainText('Nobody could sign in, and payments were stuck', LONG)
      const left = page.getByRole('region', { name: 'To be aware of' }).getByRole('listitem')
      await expect(left).toHaveText(/Deposit a new key/)
    }
    await axeFindsNothing(ana.page, 'case, reviewed')
  })

  askingWithCredentials(people)

  test('the log lists every case with what came of it and how long each step took, and main filters it', async () => {
    const { page } = people().ana
    await go(page, 'Log')
    const rows = page.getByRole('list', { name: 'Cases' }).getByRole('listitem')
    await expect(rows).toHaveCount(2, LONG)
    await expect(rows.first()).toContainText('Access granted')
    await expect(rows.first()).toContainText(/Asked .+ → approved after .+ → access after .+ → end after /)
    await expect(rows.last()).toContainText('Withdrawn')
    await axeFindsNothing(page, 'log, cases')
    await page.getByLabel('Outcome').selectOption('Withdrawn')
    await expect(rows).toHaveCount(1)
    await expect(page.getByText('1 case', { exact: true })).toBeVisible()
    await page.getByLabel('Person').selectOption('Mia Wong')
    await expect(page.getByText('No case fits this filter.')).toBeVisible()
    await axeFindsNothing(page, 'log, no case fits')
    await page.getByRole('button', { name: 'Show all cases' }).click()
    await page.getByLabel('Asked from').fill('2199-12-31')
    await expect(page.getByText('No case fits this filter.')).toBeVisible()
    await page.getByLabel('Asked from').fill('')
    await expect(rows).toHaveCount(2)
    await page.getByLabel('Person').selectOption('Mia Wong')
    await expect(rows).toHaveCount(1)
  })

  test('a case is read as a report, each statement with its proof, and coming back keeps the filter', async () => {
    const { page } = people().ana
    await page.getByRole('list', { name: 'Cases' }).getByRole('button').click()
    await headline(page, 'Case report: prod-root for Ana Ruiz')
    const times = page.getByRole('region', { name: 'Measured times' }).getByRole('row')
    await expect(times).toHaveCount(5)
    const decided = page.getByRole('region', { name: 'Who decided' }).getByRole('row')
    // By the row's own name: others stand in the proofs as those who cosigned.
    const of = (name: string) => decided.filter({ has: page.getByRole('rowheader', { name }) })
    await expect(of('Raj Patel')).toContainText(
      /approved, share released.*with “(Main|Backup) key” \(.+\), user verified, in checkpoints of \d other devices/,
    )
    await expect(of('Leo Novak')).toContainText('denied: “I cannot reach Ana to confirm”')
    await axeFindsNothing(page, 'case report')
    const approval = page
      .getByRole('region', { name: 'Timeline' })
      .getByRole('listitem')
      .filter({ hasText: /^.* UTCRaj Patel approved/ })
    await approval.getByText('Show proof').click()
    await expect(approval).toContainText('that somebody touched it, and that person’s PIN or fingerprint')
    await expect(approval).toContainText(/In this device’s logentry \d+ of \d+/)
    await expect(approval.getByLabel('What was signed')).toContainText('"verdict":"approve"')
    await axeFindsNothing(page, 'case report, with a proof')
    await approval.scrollIntoViewIfNeeded()
    await page.getByRole('button', { name: 'All cases in the log' }).click()
    await expect(page.getByRole('list', { name: 'Cases' }).getByRole('listitem')).toHaveCount(1)
    await page.getByRole('list', { name: 'Cases' }).getByRole('button').click()
  })

  test('the report is saved as a PDF: text as text, tagged, numbered pages, and nothing of the window around it', async () => {
    const { ana } = people()
    const { page } = ana
    const words = await page.getByRole('list', { name: 'The 12 words' }).getByRole('listitem').allTextContents()
    expect(words).toHaveLength(12)
    const file = await ana.actor.saveReport()
    await expect(page.getByText('Saved the report as a PDF.').first()).toBeVisible()
    expect(file.name).toMatch(/^lockbox-case-\d{4}-\d{2}-\d{2}-[\w-]{8}\.pdf$/)
    const pdf = readPdf(file.bytes)
    expect(pdf.isTagged).toBe(true)
    expect(pdf.title).toMatch(/^Lockbox case report /)
    for (const [at, text] of pdf.pages.entries()) expect(text).toContain(`Page${at + 1}of${pdf.pages.length}`)
    const text = pdf.pages.join('')
    for (const part of [
      'Case report: prod-root for Ana Ruiz',
      'Nobody can sign in since 02:40; payments are stuck',
      'denied: “I cannot reach Ana to confirm”',
      'user verified, in checkpoints of',
      'Approved by enough',
      'What this report cannot show',
      'Appendix: ids',
      ...words,
    ])
      expect(text).toContain(squeezed(part))
    for (const around of ['Settings', 'Show proof', 'Save this report', 'reachable'])
      expect(text).not.toContain(squeezed(around))
    // The window looks as before.
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
  })

  test('that case alone is exported, and proves itself without the rest of the log', async () => {
    const file = await people().ana.actor.exportCase()
    const report = await reportOn(file.bytes)
    expect(report.verdict).toBe('verified')
    expect(report.files).toMatchObject([{ scope: { case: expect.any(String) } }])
    expect(report.cases).toHaveLength(1)
    expect(report.cases[0]).toMatchObject({ what: 'Nobody can sign in since 02:40; payments are stuck' })
  })
}
