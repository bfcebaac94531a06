using ChangeDetection.Dashboard.Access;
using Microsoft.AspNetCore.Antiforgery;

namespace ChangeDetection.Dashboard.Security;

/// <summary>
/// Lets a request through only with the token of a page of ours. The framework's middleware only marks a request without one;
/// it is refused where a form is bound, and our actions bind none. A program that shows its access token in the header needs none: no other site's page can
/// make a browser send that.
/// </summary>
public sealed class TokenRequired(IAntiforgery antiforgery) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        Schemes.IsBearer(context.HttpContext.User) || await antiforgery.IsRequestValidAsync(context.HttpContext)
            ? await next(context)
            : TypedResults.Problem(
                "The request lacks the token of a page of this dashboard. Reload the page and try again.",
                statusCode: StatusCodes.Status400BadRequest);
}
