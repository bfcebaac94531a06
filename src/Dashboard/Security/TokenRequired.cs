using Microsoft.AspNetCore.Antiforgery;

namespace ChangeDetection.Dashboard.Security;

/// <summary>
/// Lets a request through only with the token of a page of ours. The framework's middleware only marks a request without one;
/// it is refused where a form is bound, and our actions bind none.
/// </summary>
public sealed class TokenRequired(IAntiforgery antiforgery) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        await antiforgery.IsRequestValidAsync(context.HttpContext)
            ? await next(context)
            : TypedResults.Problem(
                "The request lacks the token of a page of this dashboard. Reload the page and try again.",
                statusCode: StatusCodes.Status400BadRequest);
}
