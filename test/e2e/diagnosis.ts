/** What `gameledger doctor --json` says, and how it changes when one thing is made wrong. */
import { expect } from 'vitest'
import { run, type Ended } from './command.js'
import { copyOfHealthy } from './healthy-ledger.js'

export interface Finding {
  readonly level: 'ok' | 'warn' | 'bad'
  readonly what: string
  readonly advice?: string
}

export interface Diagnosis {
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

export const diagnosisOf = ({ exit, stdout, stderr }: Ended): Diagnosis => {
  if (stdout === '') throw new Error(`doctor ended with ${exit}: ${stderr}`)
  const diagnosis = JSON.parse(stdout) as Diagnosis
  expect(exit).toBe(diagnosis.ok ? 0 : 1)
  expect(diagnosis.ok).toBe(diagnosis.findings.every(({ level }) => level !== 'bad'))
  return diagnosis
}

export const diagnose = async (data: string): Promise<readonly Finding[]> =>
  diagnosisOf(await run('doctor', '--data', data, '--json')).findings

/** The one finding of which this holds; it says what to do unless all is well. */
export const found = (findings: readonly Finding[], what: RegExp): Finding => {
  const matching = findings.filter((finding) => what.test(finding.what))
  expect(
    matching.map(({ what: said }) => said),
    `${what} in ${JSON.stringify(findings)}`,
  ).toHaveLength(1)
  const [finding] = matching
  if (finding!.level !== 'ok') expect(finding!.advice).toMatch(/\S/)
  return finding!
}

/** What `doctor` makes of a directory after this was done to it; on a healthy one it does not show. */
export const afterwards = async (
  what: RegExp,
  harm: (data: string) => Promise<unknown>,
): Promise<Finding> => {
  const data = await copyOfHealthy()
  expect((await diagnose(data)).filter((finding) => what.test(finding.what))).toEqual([])
  await harm(data)
  return found(await diagnose(data), what)
}
