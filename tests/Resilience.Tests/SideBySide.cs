using ChangeDetection.TestKit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Needs(Resource.Database, Resource.Processes, Resource.StorageServer)]
[assembly: AssemblyFixture(typeof(PostgresServer))]
// Much of a scene is waiting, for a lease to run out or a process to start: another one computes meanwhile. Nothing here depends on who is faster,
// since runs are held until the test has acted on them.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]
