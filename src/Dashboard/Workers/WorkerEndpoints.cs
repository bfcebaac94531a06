using ChangeDetection.Core.Workers;
using ChangeDetection.Dashboard.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChangeDetection.Dashboard.Workers;

/// <summary>What a user may ask of a worker.</summary>
public static class WorkerEndpoints
{
    public static IEndpointRouteBuilder MapWorkers(this IEndpointRouteBuilder app)
    {
        app.MapPost("/workers/{id:guid}/drain", DrainAsync).AddEndpointFilter<TokenRequired>();
        return app;
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> DrainAsync(Guid id, WorkerStore workers, CancellationToken cancellationToken) =>
        await workers.RequestDrainAsync(id, cancellationToken)
            ? TypedResults.LocalRedirect("~/workers", permanent: false, preserveMethod: false)
            : TypedResults.NotFound();
}
