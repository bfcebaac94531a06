using Microsoft.AspNetCore.Components;

namespace ChangeDetection.Dashboard.Live;

/// <summary>A part of a page that shows a feed: rendered whole with the page, and again after every reading while the page is open.</summary>
public abstract class LiveComponent<T> : ComponentBase, IDisposable
    where T : class
{
    private IDisposable? _subscription;

    protected Snapshot<T>? Shown { get; private set; }

    protected abstract Feed<T> Feed { get; }

    protected override async Task OnInitializedAsync()
    {
        // Without this a page that has just been rendered would fall back to nothing for one round trip.
        Shown = Feed.Latest;
        Shown = await Feed.ReadAsync(CancellationToken.None);
        if (RendererInfo.IsInteractive)
            _subscription = Feed.Subscribe(Show);
    }

    public void Dispose()
    {
        _subscription?.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Show(Snapshot<T> snapshot) => _ = InvokeAsync(() =>
    {
        Shown = snapshot;
        StateHasChanged();
    });
}
