using ChangeDetection.Resilience.Tests;
using ChangeDetection.Resilience.Tests.Outages;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Objects;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Needs(Resource.Database, Resource.Processes, Resource.StorageServer)]
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 3)]
[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: AssemblyFixture(typeof(S3Server))]
[assembly: AssemblyFixture(typeof(AzuriteServer))]

namespace ChangeDetection.Soak.Tests;

/// <summary>Three lanes side by side: what computes in one thread, whole systems that compute, and what waits most of the time.</summary>
internal static class Lanes
{
    public const string OneThread = "one thread";
    public const string Systems = "systems";
    public const string Waiting = "waiting";
}

[CollectionDefinition(Lanes.OneThread)]
public sealed class OneThreadLane;

[CollectionDefinition(Lanes.Systems)]
public sealed class SystemsLane : ICollectionFixture<WholeSystem>;

[CollectionDefinition(Lanes.Waiting)]
public sealed class WaitingLane : ICollectionFixture<SystemApart>;
