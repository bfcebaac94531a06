using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Objects;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: AssemblyFixture(typeof(S3Server))]
[assembly: AssemblyFixture(typeof(AzuriteServer))]
