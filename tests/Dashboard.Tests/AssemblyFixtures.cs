using ChangeDetection.Dashboard.Tests;
using ChangeDetection.TestKit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: AssemblyFixture(typeof(SeededDashboard))]
