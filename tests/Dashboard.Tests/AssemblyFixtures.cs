using ChangeDetection.Dashboard.Tests;
using ChangeDetection.Dashboard.Tests.Browser;

[assembly: AssemblyFixture(typeof(SeededDashboard))]
[assembly: AssemblyFixture(typeof(ChromiumBrowser))]
