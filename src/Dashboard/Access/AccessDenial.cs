using ChangeDetection.Core.People;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Diagnostics;

namespace ChangeDetection.Dashboard.Access;

/// <summary>
/// The answer to a request that is not let through: 401 and the page to sign in on, at the very address that was asked for, or 403. Never a redirect, so that
/// programs are not led to a page.
/// </summary>
public sealed class AccessDenial(SignInPage page) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _usual = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Challenged && context.Features.Get<IExceptionHandlerFeature>() is not null)
            await page.WriteAsync(context, context.Response.StatusCode, "The dashboard could not do that. Its log says why; try again.", LocalPath.Front);
        else if (authorizeResult.Challenged)
            await page.WriteAsync(context, context.Items[typeof(SignInProblem)] as SignInProblem? ?? SignInProblem.Refused, Here(context.Request));
        else if (authorizeResult.Forbidden)
            await ForbidAsync(context);
        else
            await _usual.HandleAsync(next, context, policy, authorizeResult);
    }

    /// <summary>A browser is shown the page of it; a program is told.</summary>
    private static async Task ForbidAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        if (SignInPage.IsForReaders(context.Request))
            return;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync($"The role {Session.RoleOf(context.User)?.Word()} does not allow this. Nothing was done.", context.RequestAborted);
    }

    /// <summary>Where the reader wanted to go, and goes after signing in.</summary>
    private static string Here(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) ? LocalPath.Of(request.Path.ToUriComponent() + request.QueryString.ToUriComponent()) : LocalPath.Front;
}
