/** The public door of gameledger: re-exports only, kept by hand. */
export { openLedger, type Ledger, type ViewsOf } from './ledger.js'
export { LedgerFaultedError } from './journal-line.js'
export type { LedgerOptions } from './options.js'
export type { LedgerStats, LiveGameRow } from './stats.js'
export type { CommandNumbers, CommandOutcome, OutcomeCounts } from './commands/command-counts.js'
export type { DurationStats } from './events/durations.js'
export { prometheusContentType, prometheusText } from './metrics/prometheus-text.js'
export { openTelemetry, type ObservingCallback, type ObservingMeter } from './metrics/open-telemetry.js'
export type { GameHandle, LoadedGame } from './game-handle.js'
export { GameQuarantinedError } from './game-reader.js'

// Games and commands
export { accept, defineGame, reject } from './commands/game.js'
export type {
  AnyGame,
  Deadline,
  DecideContext,
  Decision,
  Game,
  GameCommand,
  GameDefinition,
  Refusal,
  Viewer,
} from './commands/game.js'
export type { StandardSchema } from './commands/standard-schema.js'
export { messageOf, RulesError } from './commands/dispatch-error.js'
export type {
  DispatchError,
  GameCompleted,
  NotOwner,
  Overloaded,
  Rejected,
  Unavailable,
  VersionConflict,
} from './commands/dispatch-error.js'
export type { CommandOptions, DispatchOptions } from './commands/command-options.js'
export type { GameInUnit, Unit } from './commands/unit-of-work.js'
export type { Receipt } from './commands/receipt.js'
export { bots, type BotPolicy, type Bots, type BotsOptions, type BotStats } from './commands/bots.js'
export type { DeadlineStats } from './commands/deadlines.js'
export type { IdleRule } from './commands/idle-rule.js'
export { latenessBoundsMs } from './commands/lateness.js'

export { reactor, type Reactor, type ReactorContext, type ReactorOptions } from './reactor.js'
export type { ReactorStats } from './commands/reactors/reactor-run.js'

// Events
export type { EventEnvelope, GameEvent, GameResult, Standing } from './events/envelope.js'
export type { GameClosed } from './events/ledger-event.js'
export type { GameId, Kind, PlayerId, Position, StreamId, Version } from './events/ids.js'
export {
  roomCapacityMax,
  roomCapacityMin,
  roomKind,
  type RoomCode,
  type RoomEvent,
  type RoomId,
} from './events/room-event.js'
export type { NewRoom, RoomAnswer, RoomReason, RoomReceipt, Rooms, StartedGame } from './rooms.js'
export type { RoomState, Seat } from './commands/rooms/room.js'
export type { Fault } from './events/fault.js'
export { CheckpointLostError } from './events/follow.js'
export { SchemaTooNewError, UpcasterError, type Upcasters } from './events/upcaster.js'
export { systemClock, type Clock } from './events/clock.js'
export { fastClock } from './events/fast-clock.js'
export { systemChance, type Chance } from './events/chance.js'
export { seededRandom } from './events/seeded-random.js'

// The journal
export type { Durability, Journal, JournalNumbers } from './events/journal/journal.js'
export { fileJournal, type FileJournalOptions } from './events/journal/file-journal.js'
export { memoryJournal } from './events/journal/memory-journal.js'
export { DataDirLockedError } from './events/journal/directory-lock.js'
export { CorruptLogError } from './events/journal/corrupt-log.js'
export { lookAtJournal } from './events/journal/journal-report.js'
export type { JournalReport, LogFileReport, ManifestReport } from './events/journal/journal-report.js'
export { unlockJournal, type LockReport, type LockState } from './events/journal/lock-report.js'
export { holderInWords, type LockHolder } from './events/journal/lock-holder.js'
export { repairJournal, type RepairOptions, type RepairReport } from './events/journal/repair.js'
export { StorageFullError } from './events/journal/storage-full.js'

// Projections
export { leaderboard } from './projections/leaderboard/leaderboard.js'
export type { LeaderboardOptions } from './projections/leaderboard/leaderboard-options.js'
export type {
  LeaderboardPage,
  LeaderboardReads,
  LeaderboardView,
  ReadOptions,
} from './projections/leaderboard/leaderboard-view.js'
export type { LeaderboardWindow, WindowStatus } from './projections/windows/leaderboard-window.js'
export { NoSuchWindowError } from './projections/windows/no-such-window.js'
export type { Season, Weekday, WindowOptions, WindowRule } from './projections/windows/window-rule.js'
export type { AmongRow, LeaderboardRow, LeaderboardRows } from './projections/leaderboard/leaderboard-rows.js'
export { elo, type EloOptions } from './projections/leaderboard/elo.js'
export { glicko2, type Glicko2Options } from './projections/leaderboard/glicko2.js'
export type { DetailedRating, Rating } from './projections/leaderboard/rating.js'
export {
  standardBoards,
  type StandardBoardOptions,
  type StandardBoards,
} from './projections/leaderboard/standard-boards.js'
export { points, wins } from './projections/leaderboard/outcome.js'
export type { Scores } from './projections/leaderboard/board-change.js'
export {
  playerIndex,
  type HeadToHead,
  type PlayerGamesPage,
  type PlayerIndexOptions,
  type PlayerIndexView,
  type PlayerStats,
} from './projections/players/player-index.js'
export type { FoundPlayer } from './projections/players/player-directory.js'
export type { PlayerGameRow, PlayerGamesQuery } from './projections/players/player-games.js'
export {
  type IdleRoomsQuery,
  type OpenRoomsPage,
  type OpenRoomsQuery,
  type RoomDirectoryView,
} from './projections/rooms/room-directory.js'
export type { RoomRow } from './projections/rooms/room.js'
export { defineProjection, type ProjectionDefinition } from './projections/define-projection.js'
export { fileCheckpointStore } from './projections/checkpoints/file-checkpoint-store.js'
export { memoryCheckpointStore } from './projections/checkpoints/memory-checkpoint-store.js'
export { PastViewsBusyError, type Moment } from './projections/past-views.js'
export { ProjectionFaultedError } from './projections/projection-faulted-error.js'
export type { ProjectionState, ProjectionStats } from './projections/hosted-projection.js'
export {
  ErasureStoppedError,
  type ErasureOptions,
  type ErasureProgress,
  type ErasureReport,
} from './erasure.js'
export { LedgerClosedError, type RebuildOptions, type RebuildProgress } from './read-models.js'
export { PageLostError } from './projections/projection.js'
export type {
  CheckpointStore,
  ModelCheckpoint,
  PageId,
  Pages,
  Projection,
  ProjectionContext,
  RunningProjection,
  RunPages,
  SaveRoom,
} from './projections/projection.js'

// The archive
export type { ColdStore } from './archive/cold-store.js'
export type { CatalogStore, Scratch } from './archive/catalog/catalog-store.js'
export { fileCatalogStore } from './archive/catalog/file-catalog-store.js'
export { fileColdStore } from './archive/stores/file-cold-store.js'
export { memoryColdStore } from './archive/stores/memory-cold-store.js'
export { readOnly } from './archive/stores/read-only-cold-store.js'
export { composite } from './archive/stores/composite-cold-store.js'
export {
  ColdStoreError,
  ColdStoresDifferError,
  type ColdStoreErrorCode,
} from './archive/stores/cold-store-error.js'
export type { Archive } from './archive/archive.js'
export type { CompactOptions, CompactProgress, CompactReport } from './archive/compaction.js'
export type { RetainOptions, RetainProgress, RetainReport, RetentionRule } from './archive/retention.js'
export { HistoryShortenedError } from './history-shortened.js'
export { lookAtArchive, type ArchiveReport } from './archive/archive-report.js'
export { ExportedLineError } from './exported-line.js'
export {
  ImportStoppedError,
  type ImportOptions,
  type ImportReport,
  type SkippedGame,
} from './events-import.js'
export type { ArchiveCount, ArchivePage, ArchiveQuery } from './archive/archive-query.js'
export type { ExportFormat, ExportOptions } from './archive/archive-export.js'
export type { IndexedGame } from './archive/manifest.js'
export type { VerifyOptions, VerifyProblem, VerifyProgress, VerifyReport } from './archive/verification.js'
export { UnknownEventError } from './archive/fold-log.js'
export type { PlaybackOptions, PlaybackStep } from './archive/playback.js'
export type { HistoryQuery } from './past-events.js'
export type { Replay, ReplayedState, ReplayError, ReplayOptions, StateComparison } from './archive/replay.js'
export {
  ArchiveOfAnotherLedgerError,
  ArchiveTooNewError,
  ArchivingStoppedError,
  CorruptManifestError,
  CorruptSegmentError,
} from './archive/archive-error.js'
