/**
 * File systems made for one test: a small tmpfs, or ext4 in a file, mounted on a directory and unmounted always, also
 * when the test or its process ends early. Needs root.
 *
 * The power of the ext4 one can be cut: EXT4_IOC_SHUTDOWN without flushing the log forgets everything that was not
 * made durable, as a power cut does: what the page cache holds, and names and sizes that stand in the file system's
 * own journal in memory. Mounted again, that journal is replayed.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface MountedFileSystem {
  readonly directory: string
}

export interface Tmpfs extends MountedFileSystem {
  /** From now on nothing can be written to it, or everything again. */
  setReadOnly(isReadOnly: boolean): void
}

export interface Ext4 extends MountedFileSystem {
  /** Now. Whoever works on it gets EIO from here on. */
  losePower(): void
  /** Everybody who had a file open there must be gone. */
  mountAgain(): Promise<void>
}

/** What a program says on standard error is in the message of the error. */
const run = (program: string, ...words: readonly string[]): void =>
  void execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] })

const mounted = new Set<string>()

const mount = (directory: string, ...words: readonly string[]): void => {
  run('mount', ...words, directory)
  mounted.add(directory)
}

const unmount = (directory: string): void => {
  run('umount', directory)
  mounted.delete(directory)
}

/** Where somebody is still in there it goes with the last of them. */
const abandon = (directory: string): void => {
  if (!mounted.has(directory)) return
  run('umount', '--lazy', directory)
  mounted.delete(directory)
}

/** A process that is gone may hold its files for a moment yet. */
const triesMax = 100

/** Never lazily: what is mounted behind that would be the same file system, still shut down. @throws where it stays busy */
const unmountWhole = async (directory: string): Promise<void> => {
  for (let left = triesMax; ; left--)
    try {
      return unmount(directory)
    } catch (error) {
      if (left === 0 || !String(error).includes('busy')) throw error
      await sleep(50)
    }
}

// Before anybody removes the directories that they are mounted on.
process.prependListener('exit', () => {
  for (const directory of mounted) abandon(directory)
})

/** EXT4_IOC_SHUTDOWN is _IOR('X', 125, __u32); 2 is EXT4_GOING_FLAGS_NOLOGFLUSH. Perl is in every Debian; Node has no ioctl. */
const shutDown = `
  sysopen(my $directory, $ARGV[0], 0) or die "$ARGV[0]: $!\\n";
  my $flags = pack("L", 2);
  ioctl($directory, 0x8004587d, $flags) or die "the shutdown of $ARGV[0]: $!\\n";
`

/** In `scratch`, which must be a directory of the test's own. */
export const withTmpfs = async <Result>(
  scratch: string,
  bytes: number,
  work: (fileSystem: Tmpfs) => Promise<Result>,
): Promise<Result> => {
  const directory = join(scratch, 'tmpfs')
  mkdirSync(directory)
  mount(directory, '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs')
  try {
    return await work({
      directory,
      setReadOnly: (isReadOnly) => run('mount', '-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, directory),
    })
  } finally {
    abandon(directory)
  }
}

/** As large as ext4 needs to be to have a journal of its own, and room for a few lives. */
const ext4Bytes = 64 * 1024 * 1024

/** In `scratch`, which must be a directory of the test's own. */
export const withExt4 = async <Result>(
  scratch: string,
  work: (fileSystem: Ext4) => Promise<Result>,
): Promise<Result> => {
  const [image, directory] = [join(scratch, 'ext4.image'), join(scratch, 'ext4')]
  mkdirSync(directory)
  run('truncate', '--size', String(ext4Bytes), image)
  run('mkfs.ext4', '-q', image)
  const mountIt = (): void => mount(directory, '-o', 'loop', image)
  mountIt()
  try {
    return await work({
      directory,
      losePower: () => run('perl', '-e', shutDown, directory),
      mountAgain: async () => {
        await unmountWhole(directory)
        mountIt()
      },
    })
  } finally {
    abandon(directory)
  }
}
