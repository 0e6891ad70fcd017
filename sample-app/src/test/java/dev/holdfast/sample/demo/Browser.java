package dev.holdfast.sample.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Chromium without a screen, and what it had to complain of and to ask for. */
final class Browser implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path screenshots;
    private final ChromeDriver driver;

    Browser(Path screenshots) throws IOException {
        this.screenshots = Files.createDirectories(screenshots);
        ChromeOptions options = new ChromeOptions();
        String given = System.getenv("CHROME_BIN");
        options.setBinary(
                given == null || given.isBlank()
                        ? program("chromium", "chromium-browser", "google-chrome")
                        : new File(given));
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                "--window-size=1200,900");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        this.driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(program("chromedriver"))
                        .build(),
                options);
    }

    private static File program(String... names) {
        List<String> directories = List.of(System.getenv("PATH").split(File.pathSeparator));
        return Stream.of(names)
                .flatMap(name -> directories.stream().map(directory -> new File(directory, name)))
                .filter(File::canExecute)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("The tests of the page need " + names[0]
                        + " on the PATH, or the browser in CHROME_BIN: on Debian, ./dev test"
                        + " installs it, as apt-get install chromium chromium-driver does"));
    }

    void open(String url) {
        driver.get(url);
    }

    /** Of the one element of that selector; empty if there is none. */
    String text(String selector) {
        return String.valueOf(script("return document.querySelector(arguments[0])?.textContent ?? ''", selector));
    }

    String attribute(String selector, String name) {
        return String.valueOf(script(
                "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? ''", selector, name));
    }

    /** How many elements there are of that selector. */
    long count(String selector) {
        return number("return document.querySelectorAll(arguments[0]).length", selector);
    }

    long number(String code, Object... arguments) {
        return ((Number) script(code, arguments)).longValue();
    }

    Object script(String code, Object... arguments) {
        Object result = driver.executeScript(code, arguments);
        return result == null ? "" : result;
    }

    WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    void press(Keys key) {
        new Actions(driver).sendKeys(key).perform();
    }

    void width(int pixels) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", pixels, "height", 800, "deviceScaleFactor", 1, "mobile", false));
    }

    void colours(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** The whole page. */
    void screenshot(String name) throws IOException {
        capture(name, Map.of("format", "png", "captureBeyondViewport", true));
    }

    /** The page down to the end of an element, small enough for a document. */
    void screenshotDownTo(String selector, String name) throws IOException {
        long bottom = number(
                "return Math.ceil(document.querySelector(arguments[0]).getBoundingClientRect().bottom + scrollY)",
                selector);
        long width = number("return innerWidth");
        Map<String, Object> clip = Map.of("x", 0, "y", 0, "width", width, "height", bottom, "scale", 0.9);
        capture(name, Map.of("format", "png", "captureBeyondViewport", true, "clip", clip));
    }

    private void capture(String name, Map<String, Object> options) throws IOException {
        Map<String, Object> answer = driver.executeCdpCommand("Page.captureScreenshot", options);
        Files.write(screenshots.resolve(name + ".png"), Base64.getDecoder().decode(String.valueOf(answer.get("data"))));
    }

    /** Errors in the console since the last call. */
    List<String> errors() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** Addresses that were asked for since the last call. */
    List<String> requests() {
        List<String> urls = new ArrayList<>();
        for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
            JsonNode message = JSON.readTree(entry.getMessage()).path("message");
            if (message.path("method").asString("").equals("Network.requestWillBeSent")) {
                urls.add(message.path("params").path("request").path("url").asString(""));
            }
        }
        return urls;
    }

    @Override
    public void close() {
        driver.quit();
    }
}
