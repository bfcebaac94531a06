using System.Xml.Linq;
using ChangeDetection.TestKit;

namespace ChangeDetection.Architecture.Tests;

/// <summary>A package is used in the rooms that are named here and nowhere else, so that it can be replaced there.</summary>
public sealed class PackageTests
{
    /// <summary>Assembly name (or its beginning), and the namespaces that may use it.</summary>
    private static readonly (string Package, string[] Rooms)[] s_borders =
    [
        ("NetVips", ["ChangeDetection.Imaging"]),
        ("BitMiracle.LibTiff", ["ChangeDetection.Imaging"]),
        ("ZstdSharp", ["ChangeDetection.Imaging.Tiff"]),
        ("SixLabors", ["ChangeDetection.Imaging.Pictures"]),
        ("AWSSDK", ["ChangeDetection.Core.Storage.Remote"]),
        ("Azure.", ["ChangeDetection.Core.Storage.Remote"]),
        ("Hangfire", [
            "ChangeDetection.Core.Queue", "ChangeDetection.Core.Database", "ChangeDetection.Scheduler.Daemon",
            "ChangeDetection.Worker.Jobs", "ChangeDetection.Worker.Hosting", "ChangeDetection.Dashboard"]),
        ("YamlDotNet", ["ChangeDetection.Core.Configuration.Documents"]),
        ("dbup", ["ChangeDetection.Core.Database"]),
        ("TorchSharp",
        [
            "ChangeDetection.Worker.Attempts", "ChangeDetection.Worker.Check", "ChangeDetection.Worker.Checkpoints", "ChangeDetection.Worker.Data",
            "ChangeDetection.Worker.Devices",
            "ChangeDetection.Worker.Evaluation", "ChangeDetection.Worker.Models", "ChangeDetection.Worker.Prediction", "ChangeDetection.Worker.Scoring",
            "ChangeDetection.Worker.Training",
        ]),
        ("Microsoft.AspNetCore", ["ChangeDetection.Dashboard"]),
        ("Microsoft.AspNetCore.Authentication.OpenIdConnect", ["ChangeDetection.Dashboard.Access"]),
        ("Microsoft.IdentityModel", ["ChangeDetection.Dashboard.Access"]),
        ("System.CommandLine", [
            "ChangeDetection.Core.Arguments", "ChangeDetection.Scheduler.Cli", "ChangeDetection.Worker.Settings",
            "ChangeDetection.Worker.Hosting", "ChangeDetection.Dashboard.Settings"]),
        ("Spectre.Console", ["ChangeDetection.Scheduler.Cli"]),
    ];

    [Fact]
    public void Packages_AreUsedWhereTheyBelong()
    {
        var strays = from project in OurAssemblies.All
                     from type in project.Types
                     from used in TypeUses.Of(type)
                     from border in s_borders
                     where used.Scope.Name.StartsWith(border.Package, StringComparison.OrdinalIgnoreCase)
                     where !border.Rooms.Any(room => type.Namespace == room || type.Namespace.StartsWith(room + ".", StringComparison.Ordinal))
                     select $"{type.FullName} uses {used.FullName} of {used.Scope.Name}";
        Findings.None(strays);
    }

    [Fact]
    public void Packages_StandInOnePlace_WithTheirVersions()
    {
        var versioned = SourceFiles.Below(Repository.Root, "*.csproj")
            .Where(file => XDocument.Load(file).Descendants("PackageReference").Any(reference => reference.Attribute("Version") is not null));
        Findings.None(versioned);
    }
}
