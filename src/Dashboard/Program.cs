using ChangeDetection.Dashboard.Settings;

return await DashboardCommand.RunAsync(args);
