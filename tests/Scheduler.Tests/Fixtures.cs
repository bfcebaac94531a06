using ChangeDetection.TestKit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
