using Npgsql;

namespace ChangeDetection.Dashboard.Security;

/// <summary>Pages for what goes wrong. They say what to do, and nothing of how we are built.</summary>
public static class ProblemPages
{
    public static void UseProblemPages(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/problem/500",
            StatusCodeSelector = error => error is NpgsqlException
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status500InternalServerError,
            // Its message names host or user. That the database is away is told by the feeds, without them.
            SuppressDiagnosticsCallback = context => context.Exception is NpgsqlException,
            CreateScopeForErrors = true,
        });
        app.UseStatusCodePagesWithReExecute("/problem/{0}", createScopeForStatusCodePages: true);
    }
}
