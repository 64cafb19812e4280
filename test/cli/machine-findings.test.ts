/** What the doctor says of machines that are not at hand: old Nodes, other file systems, full disks, wrong clocks. */
import { describe, expect, it } from 'vitest'
import { fileSystemFinding } from '../../src/cli/file-system.js'
import { bytesText, findingsOf } from '../../src/cli/finding.js'
import { clockFinding, nodeFinding, roomFinding } from '../../src/cli/machine-findings.js'

const mebibyte = 1024 * 1024

describe('Node', () => {
  it.each(['20.19.0', '20.20.2', '22.1.0', '100.0.0'])('%s is one to run on', (version) =>
    expect(nodeFinding(version, '>=20.19').level).toBe('ok'),
  )

  it.each(['18.20.8', '20.9.0', '20.18.3', '4.0.0'])('%s is too old', (version) =>
    expect(nodeFinding(version, '>=20.19')).toMatchObject({ level: 'bad', advice: 'Install a newer Node.' }),
  )

  it('is held against the engines of the package', () =>
    expect(nodeFinding('19.9.0').what).toMatch(/20\.\d+ or later/))
})

describe('a file system', () => {
  it.each([
    ['ext4', 0xef53, 'ok', /is on ext4\.$/],
    ['xfs', 0x58465342, 'ok', /is on xfs\.$/],
    ['btrfs', 0x9123683e, 'warn', /space cannot be reserved/],
    ['btrfs, told by 32 bits', 0x9123683e - 2 ** 32, 'warn', /btrfs: space cannot be reserved/],
    ['zfs', 0x2fc12fc1, 'warn', /space cannot be reserved/],
    ['nfs', 0x6969, 'warn', /another machine is not seen/],
    ['smb', 0xfe534d42, 'warn', /another machine is not seen/],
    ['tmpfs', 0x01021994, 'warn', /outlives a reboot/],
    ['overlay', 0x794c7630, 'warn', /when the container is removed/],
    ['exfat', 0x2011bab0, 'warn', /no hard links/],
    ['another one', 0x1234, 'ok', /not known here \(type 0x1234\)/],
  ] as const)('%s is judged by what it does', (_, type, level, what) => {
    const finding = fileSystemFinding('data/journal', type)
    expect(finding.level).toBe(level)
    expect(finding.what).toMatch(what)
    expect(finding.advice === undefined).toBe(level === 'ok')
  })
})

describe('the room for the next log file', () => {
  it('is enough where it fits', () =>
    expect(roomFinding('j', 16 * mebibyte, 16 * mebibyte)).toEqual({
      level: 'ok',
      what: 'j has 16 MiB free; its next log file takes 16 MiB.',
    }))

  it('is warned of where it does not, with how much to free', () =>
    expect(roomFinding('j', 6 * mebibyte, 16 * mebibyte)).toMatchObject({
      level: 'warn',
      advice: 'Free 10 MiB or more.',
    }))

  it('is told in units that people read', () => {
    expect([0, 1_023, 1_024, 1_536, 16 * mebibyte, 5 * 1024 ** 5].map(bytesText)).toEqual([
      '0 bytes',
      '1023 bytes',
      '1 KiB',
      '1.5 KiB',
      '16 MiB',
      '5120 TiB',
    ])
  })
})

describe('the clock', () => {
  it('may be a minute behind the newest manifest', () =>
    expect(clockFinding(1_000_000, 1_060_000).level).toBe('ok'))

  it('is warned of where it is further behind', () =>
    expect(clockFinding(1_000_000, 1_060_001)).toMatchObject({ level: 'warn', advice: 'Set the clock.' }))
})

describe('what cannot be read', () => {
  it('is a finding, with what it means', async () => {
    const refusal = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
    expect(await findingsOf('data/journal', () => Promise.reject(refusal))).toMatchObject([
      {
        level: 'bad',
        what: expect.stringMatching(/^data\/journal cannot be read: EACCES/),
        advice: expect.stringMatching(/explain EACCES$/),
      },
    ])
  })

  it('is no finding where it is a mistake of the program', async () =>
    expect(findingsOf('x', () => Promise.reject(new TypeError('odd')))).rejects.toThrow('odd'))
})
