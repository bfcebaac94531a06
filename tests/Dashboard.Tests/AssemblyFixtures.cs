using ChangeDetection.Dashboard.Tests;

[assembly: AssemblyFixture(typeof(SeededDashboard))]
