using ChangeDetection.Core.People;
using ChangeDetection.Core.Workers;
using ChangeDetection.Dashboard.Access;
using ChangeDetection.Dashboard.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChangeDetection.Dashboard.Workers;

/// <summary>What a user may ask of a worker.</summary>
public static class WorkerEndpoints
{
    public static IEndpointRouteBuilder MapWorkers(this IEndpointRouteBuilder app)
    {
        app.MapPost("/workers/{id:guid}/drain", DrainAsync).AddEndpointFilter<TokenRequired>().RequireAuthorization(Policies.Operator);
        return app;
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> DrainAsync(
        Guid id, WorkerStore workers, Actor actor, CancellationToken cancellationToken) =>
        await workers.RequestDrainAsync(id, actor, cancellationToken)
            ? TypedResults.LocalRedirect("~/workers", permanent: false, preserveMethod: false)
            : TypedResults.NotFound();
}
