using ChangeDetection.Core.People;
using Microsoft.AspNetCore.Authorization;

namespace ChangeDetection.Dashboard.Access;

/// <summary>What an endpoint demands. One that says nothing, and an address that leads nowhere, demand <see cref="Viewer"/>.</summary>
public static class Policies
{
    public const string Viewer = "viewer";
    public const string Operator = "operator";
    public const string Admin = "admin";

    public static void AddRoles(this AuthorizationOptions options)
    {
        foreach (var least in UserRoles.All)
        {
            var enough = UserRoles.All.Where(role => role >= least).Select(role => role.Word());
            options.AddPolicy(least.Word(), policy => policy.RequireAuthenticatedUser().RequireRole(enough));
        }
        options.DefaultPolicy = options.FallbackPolicy = options.GetPolicy(Viewer)!;
    }
}
