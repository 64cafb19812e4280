/**
 * The floor plan, as rules: which room may import which.
 *
 *     events -> nothing of ours          commands -> events
 *     projections -> events              archive  -> events, commands (the fold and what it needs)
 *     metrics -> types of the roof
 *     the roof -> all below              the doors and cli -> the roof and below
 */
const rooms = '^src/(events|commands|projections|archive|cli)/'
const foldOnly = '^src/commands/(fold|game|standard-schema)\\.ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'events-import-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/events/' },
      to: { path: '^src/(?!events/)' },
    },
    {
      name: 'commands-import-events',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: { path: '^src/(?!events/|commands/)' },
    },
    {
      name: 'projections-import-events',
      severity: 'error',
      from: { path: '^src/projections/' },
      to: { path: '^src/(?!events/|projections/)' },
    },
    {
      name: 'archive-imports-events-and-the-fold',
      severity: 'error',
      from: { path: '^src/archive/' },
      to: { path: '^src/(?!events/|archive/)', pathNot: foldOnly },
    },
    {
      name: 'metrics-read-numbers-alone',
      comment:
        'they name and write what `stats()` tells: of the roof they know its type, and nothing that runs',
      severity: 'error',
      from: { path: '^src/metrics/' },
      to: { path: '^src/(?!metrics/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'metrics-know-the-roof-alone',
      severity: 'error',
      from: { path: '^src/metrics/' },
      to: { path: '^src/(?!metrics/|stats\\.ts$)' },
    },
    {
      name: 'rooms-do-not-measure-themselves',
      comment: 'a room counts; what is told to a system of monitoring is the business of metrics',
      severity: 'error',
      from: { path: '^src/(events|commands|projections|archive)/' },
      to: { path: '^src/metrics/' },
    },
    {
      name: 'cli-uses-the-public-door',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/', pathNot: '^src/(cli/|index\\.ts$)' },
    },
    {
      name: 'nobody-imports-the-cli',
      severity: 'error',
      from: { path: '^src/(?!cli/)' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'rooms-do-not-see-the-roof',
      severity: 'error',
      from: { path: '^src/(events|commands|projections|archive)/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'examples-use-the-public-doors',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^src/', pathNot: '^src/(index|testing|s3|postgres)\\.ts$' },
    },
    {
      name: 'chess-rules-stay-in-the-chess-example',
      severity: 'error',
      from: { pathNot: '^examples/chess/' },
      to: { path: 'node_modules/chessops' },
    },
    {
      name: 'postgresql-stays-in-its-examples',
      severity: 'error',
      from: { pathNot: '^examples/(standings-in-postgres/index|archive-in-postgres)\\.ts$' },
      to: { path: 'node_modules/(@types/)?pg/' },
    },
    {
      name: 'vendors-of-stores-by-their-form',
      comment:
        'adapters take the client of their caller, typed by its form: see docs/decisions/stores-by-form.md',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(node_modules/)?(pg|@types/pg|@aws-sdk|@smithy)(/|$)' },
    },
    {
      name: 'vendors-have-a-door',
      comment: 'who does not keep archives in a bucket or a database does not load the code for it',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(s3|postgres)\\.ts$|^src/archive/stores/(s3|postgres)/' },
      to: { path: '^src/archive/stores/(s3|postgres)/' },
    },
    {
      name: 'one-vendor-of-drafts',
      severity: 'error',
      from: { pathNot: '^src/commands/fold\\.ts$' },
      to: { path: 'node_modules/immer' },
    },
    {
      name: 'fp-ts-by-its-node-form',
      comment: "'fp-ts/Either' type-checks and then fails in Node: write 'fp-ts/lib/Either.js'",
      severity: 'error',
      from: { path: rooms },
      to: { path: '^fp-ts/(?!lib/)' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
