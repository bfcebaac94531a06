using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace ChangeDetection.Dashboard.Tests.Security;

/// <summary>Every endpoint of the dashboard, also of those that nobody has written yet, with an address to ask it at.</summary>
internal static class EndpointTable
{
    /// <summary>The live connection's own; they change nothing of ours.</summary>
    private static readonly string[] s_framework = ["/_blazor", "/_framework", "_framework", "_blazor"];

    public static IReadOnlyList<RouteEndpoint> Of(SeededDashboard dashboard) =>
        [.. ((IEndpointRouteBuilder)dashboard.App).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];

    /// <summary>Empty: any.</summary>
    public static string[] Methods(RouteEndpoint endpoint) =>
        [.. endpoint.Metadata.OfType<IHttpMethodMetadata>().SelectMany(metadata => metadata.HttpMethods).Distinct()];

    public static bool IsFramework(string pattern) => s_framework.Any(prefix => pattern.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The endpoint's address for a run and a worker.</summary>
    public static string Address(RouteEndpoint endpoint, Guid run, Guid worker)
    {
        var parts = endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart { Name: "id" or "Id" } => (endpoint.RoutePattern.RawText!.Contains("workers") ? worker : run).ToString(),
            RoutePatternParameterPart { Name: "name" } => "val/f1",
            RoutePatternParameterPart { Name: "step" or "attempt" or "Code" } => "1",
            _ => "",
        })));
        return "/" + string.Join('/', parts).TrimEnd('/');
    }
}
