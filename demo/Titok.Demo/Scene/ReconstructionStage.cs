using System.Globalization;
using Titok.Demo.Drawing;
using Titok.Demo.Input;

namespace Titok.Demo.Scene;

/// <summary>A picture somebody brought, what comes back from its tokens, and the tokens.</summary>
internal sealed class ReconstructionStage : Stage
{
    private readonly Wall _wall;
    private readonly BroughtFiles _files;
    private readonly string _name;
    private readonly float[] _planar;
    private readonly ModelFacts _model;
    private readonly Tile _original, _reconstructed;
    private int[]? _ids;
    private bool _isBegun;

    /// <param name="wall">Wall that makes room.</param>
    /// <param name="files">The picture's file, and those that were brought with it.</param>
    /// <param name="planar">The picture [3, S, S] in 0..1.</param>
    /// <param name="model">Model.</param>
    /// <param name="slot">First of two places in the picture store.</param>
    public ReconstructionStage(Wall wall, BroughtFiles files, float[] planar, ModelFacts model, int slot)
    {
        (_wall, _files, _name, _planar, _model) = (wall, files, files.Name, planar, model);
        _original = new Tile(slot) { SettledTarget = 1 };
        _reconstructed = new Tile(slot + 1);
    }

    public override (string, Tile)? Made => _reconstructed.HasPicture ? ($"{Path.GetFileNameWithoutExtension(_name)}-tokens", _reconstructed) : null;

    public override IEnumerable<(Tile, bool)> Tiles => [.. _wall.All.Select(p => (p.Tile, false)), (_original, false), (_reconstructed, false)];

    public override IReadOnlyList<TokenView> Tokens =>
        [.. Enumerable.Range(0, _model.Tokens).Select(i => new TokenView(
            _ids is null ? Palette.MaskedToken : Palette.Step((int)(_ids[i] * 64L / _model.CodebookSize), 64), false))];

    public override void Arrange(Layout layout)
    {
        Box[] two = layout.Grid(2);
        foreach (WallPicture picture in _wall.All)
            picture.Tile.IsShown = false;
        _original.MoveTo(two[0]);
        _reconstructed.MoveTo(two[1]);
    }

    public override void Advance(float seconds, double now)
    {
        foreach ((Tile tile, _) in Tiles)
            tile.Advance(seconds);
    }

    public override OverlayContent Describe(OverlayContent content) => content with
    {
        // Nothing is born meanwhile.
        Rate = "",
        Title = _name,
        Subtitle = (_files.Count > 1 ? $"{_files.Index + 1} of {_files.Count}, ← → for the others  ·  " : "")
            + (_ids is null ? "encoding…" : $"{_model.Tokens} tokens of {_model.CodebookSize.ToString(CultureInfo.InvariantCulture)}"),
        StripCaption = _ids is null ? "" : string.Join("  ", _ids),
        Labels = [(_original.Box, "original"), (_reconstructed.Box, "reconstruction")],
    };

    public override WorkOrder? NextOrder(double now)
    {
        if (_isBegun)
            return null;
        _isBegun = true;
        return new ReconstructOrder(_planar, _model.ImageSize, _original, _reconstructed, ids => _ids = ids);
    }

    public override bool MayOrder => !_isBegun;

    public override bool Apply(DemoAction action)
    {
        if (action is not (DemoAction.Left or DemoAction.Right))
            return false;
        _files.Turn(action == DemoAction.Left ? -1 : 1);
        return true;
    }

    public override bool BeginAgain()
    {
        foreach (Tile tile in new[] { _original, _reconstructed })
            tile.Forget();
        (_original.SettledTarget, _isBegun, _ids) = (1, false, null);
        return true;
    }

    public override void PressToken(int token, bool isDrag)
    {
    }
}
