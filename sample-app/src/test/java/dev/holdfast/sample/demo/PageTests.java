package dev.holdfast.sample.demo;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.sample.SampleApplication;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page in a real browser, with two instances as processes of their own on a real etcd. */
class PageTests {

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final List<String> BUTTONS = List.of("book", "hammer-with", "hammer-without", "crash", "freeze");

    private static final Duration FREEZE = Duration.ofSeconds(12);
    private static final Pattern STOOD_STILL = Pattern.compile("a Stood still for (\\d+\\.\\d) s");
    private static final Pattern REFUSED = Pattern.compile(
            "a The database refused .* token (\\d+): 0 rows updated, .* token (\\d+) of a later holder");

    @TempDir
    static Path directory;

    private static EtcdServer etcd;
    private static Database database;
    private static Instance a;
    private static Instance b;
    private static Browser browser;

    /** Instances that were made to fail, about whom the browser may complain. */
    private final Set<URI> failing = new LinkedHashSet<>();

    @BeforeAll
    static void startAll() throws Exception {
        etcd = EtcdServer.start();
        database = new Database(directory);
        Map<String, String> properties = Map.of(
                "spring.datasource.url",
                database.url(),
                "spring.datasource.username",
                database.user(),
                "spring.datasource.password",
                database.password(),
                "holdfast.etcd.endpoints",
                etcd.endpoint(),
                "sample.payment-time",
                "20ms",
                "sample.booking.ttl",
                "5s",
                "sample.settlement-schedule",
                "-",
                "sample.page.controls",
                "true",
                "sample.page.freeze",
                FREEZE.toSeconds() + "s",
                "sample.page.hammer",
                "8s");
        List<String> application =
                List.of("-cp", System.getProperty("java.class.path"), SampleApplication.class.getName());
        a = new Instance("a", application, properties, directory);
        a.awaitReady();
        b = new Instance("b", application, properties, directory);
        b.awaitReady();
        browser = new Browser(SCREENSHOTS);
    }

    /** In the opposite order, and each whatever becomes of the others; those that were never started are null, and left out. */
    @AfterAll
    @SuppressWarnings("try") // closed, and not used before
    static void stopAll() throws Exception {
        try (AutoCloseable first = etcd;
                AutoCloseable second = database;
                AutoCloseable third = b;
                AutoCloseable fourth = a;
                AutoCloseable last = browser) {}
    }

    @BeforeEach
    void open() {
        browser.width(1200);
        browser.colours("light");
        browser.open(a.address() + "/");
        until(() -> browser.count("#instances li[data-silent=false]") == 2);
        browser.script("window.heard = []; const news = document.getElementById('news');"
                + "new MutationObserver(() => heard.push(news.textContent)).observe(news, {childList: true})");
    }

    @AfterEach
    void nothingWentWrongAndNothingCameFromElsewhere() {
        assertThat(browser.errors())
                .filteredOn(error -> failing.stream().noneMatch(instance -> error.contains(instance.getAuthority())))
                .isEmpty();
        assertThat(browser.requests())
                .isNotEmpty()
                .allSatisfy(request -> assertThat(request)
                        .satisfiesAnyOf(
                                url -> assertThat(url).startsWith(a.address() + "/"),
                                url -> assertThat(url).startsWith(b.address() + "/")));
        // The browser's own page before the first, and whatever the next test makes of a stream that ends.
        browser.open("about:blank");
        browser.errors();
        browser.requests();
    }

    @Test
    void itShowsBothInstancesAndWhoHoldsWhichLockWithItsToken() {
        assertThat(browser.text("#instances li[data-name=a]"))
                .contains(a.address().getAuthority());
        assertThat(browser.text("#instances li[data-name=b]"))
                .contains(b.address().getAuthority());
        until(() -> browser.text("tr[data-lock=till] td[data-label=Waiting]").matches("[ab], .* s"));
        until(() -> browser.text("tr[data-lock=till] td[data-label=Token]").matches("\\d+"));
        until(() -> browser.attribute("tr[data-lock=till]", "data-holder").equals("a"));
        until(() -> browser.attribute("tr[data-lock=till]", "data-holder").equals("b"));
        until(() -> browser.text("#hand-overs-text").matches("[1-9]\\d* times .*"));
        assertThat(browser.number("return Chart.getChart('hand-overs-chart').data.datasets[0].data.length"))
                .isEqualTo(30);
    }

    @Test
    void aTicketIsBookedFromTheInstanceOneLooksAt() {
        browser.find("#book").click();
        until(() -> browser.text("#answer").matches("a: sold a ticket of event \\d+ with token \\d+\\."));
        until(() -> browser.count("#sales-with .seats .sold") > 0);
        browser.find("#instances li[data-name=b] button").click();
        until(() -> browser.text("#connection").equals("Live, through b"));
        browser.find("#book").click();
        until(() -> browser.text("#answer").matches("b: sold a ticket of event \\d+ with token \\d+\\."));
        until(() -> browser.text("#waits-text").matches("[2-9] tickets .*|\\d\\d+ tickets .*"));
    }

    @Test
    void onlyWithoutTheLockAreMoreTicketsSoldThanThereAreSeats() {
        long rushes = rushes();
        browser.find("#hammer-with").click();
        until(() -> rushes() >= rushes + 2);
        until(() -> browser.count("#sales-with .sale") > 0);
        assertThat(latest("#sales-with", "data-sold")).isBetween(1L, 80L);
        assertThat(latest("#sales-with", "data-oversold")).isZero();
        browser.find("#hammer-without").click();
        until(() -> rushes() >= rushes + 4);
        until(() -> browser.count("#sales-without .seats .over") > 0);
        assertThat(latest("#sales-without", "data-sold")).isGreaterThan(80);
        assertThat(browser.text("#sales-without .oversold")).contains("oversold");
        assertThat(browser.count("#sales-with .over")).isZero();
    }

    @Test
    void whenTheInstanceItLooksAtCrashesAnotherTakesOverAndThePageGoesOn() throws Exception {
        failing.add(a.address());
        List<String> before = told("TAKE_OVER");
        browser.find("#crash").click();
        until(() -> browser.text("#connection").equals("Live, through b"));
        until(() -> heard().stream().anyMatch(news -> news.contains("a does not answer. The page goes on through b.")));
        until(() -> newly("TAKE_OVER", before).stream().anyMatch(words -> words.contains("b Took 'till' over from a")));
        until(() -> heard().stream().anyMatch(news -> news.contains("Took 'till' over from a")));
        until(() -> browser.attribute("tr[data-lock=till]", "data-holder").equals("b"));
        until(() ->
                browser.attribute("#instances li[data-name=a]", "data-silent").equals("true"));
        browser.screenshot("take-over");
        browser.width(960);
        browser.screenshotDownTo("section:has(#happenings)", "take-over-for-readme");
        a.startAgain();
        until(() -> browser.count("#instances li[data-silent=false]") == 2);
    }

    @Test
    void aFrozenInstanceTellsAfterwardsThatItLostItsLocksAndThatItsWriteWasRefused() throws Exception {
        failing.add(a.address());
        List<String> takeOvers = told("TAKE_OVER");
        List<String> standstills = told("STOOD_STILL");
        List<String> losses = told("LOST");
        List<String> refusals = told("REFUSED");
        browser.find("#freeze").click();
        until(() -> browser.text("#connection").equals("Live, through b"));
        until(() ->
                newly("TAKE_OVER", takeOvers).stream().anyMatch(words -> words.contains("b Took 'till' over from a")));
        until(() -> newly("STOOD_STILL", standstills).stream().anyMatch(PageTests::isAsLongAsTheFreeze));
        until(() -> newly("LOST", losses).stream()
                .anyMatch(words -> words.matches(".* a Lost 'till' \\((expired|lease-gone): .*")));
        until(() -> newly("REFUSED", refusals).stream().anyMatch(PageTests::isForAGreaterToken));
        until(() -> browser.count("#instances li[data-silent=false]") == 2);
        browser.screenshot("after-the-freeze");
    }

    @Test
    void withoutEtcdItSaysSoAndShowsTheRest() {
        etcd.kill();
        try {
            until(() -> !browser.text("#locks-error").isEmpty());
            assertThat(browser.find("#locks-error").isDisplayed()).isTrue();
            assertThat(browser.count("#instances li")).isEqualTo(2);
        } finally {
            etcd.restart();
        }
        until(() -> browser.count("tr[data-lock=till]") == 1);
        assertThat(browser.text("#locks-error")).isEmpty();
    }

    @Test
    void aHolderThatIsSilentIsMarkedUntilItsLeaseEnds() {
        String row = "const body = document.createElement('tbody');"
                + "const holder = {instance: 'a', owner: 'tickets on x, process 1', since: null, place: 7, token: null,"
                + " remainingMillis: 3200};"
                + "const picture = {at: '2026-01-01T00:00:00Z', instances: [{name: 'a', silentMillis: 5000}],"
                + " locks: [{name: 'till', kind: 'exclusive', holders: [holder], waiters: []}]};"
                + "return import('/page/locks.js').then(module => { module.showLocks(body, picture);"
                + " return body.firstChild.dataset.silent + ' ' + body.textContent; })";
        assertThat(browser.script(row))
                .asString()
                .startsWith("true")
                .contains("silent, its lease ends in 3.2 s")
                .contains("≥ 7");
    }

    @Test
    void instancesOfTheSameAddressAreRowsOfTheirOwn() {
        String rows = "const list = document.createElement('ul');"
                + "const one = (name, host) => ({name, host, url: 'http://localhost:8080', pid: 1, silentMillis: 0});"
                + "const picture = {here: 'a', instances: [one('a', 'pod-1'), one('b', 'pod-2')]};"
                + "return import('/page/instances.js').then(module => {"
                + " for (let i = 0; i < 3; i++) module.showInstances(list, picture, () => {});"
                + " return [...list.children].map(row => row.dataset.name); })";
        assertThat(texts(rows)).containsExactly("a", "b");
    }

    @Test
    void aPageThatCameThroughAServiceGoesBackToItWhenItReachesNoInstanceItself() {
        String addresses = "const opened = [], sources = [], real = window.EventSource;"
                + "window.EventSource = class {"
                + " constructor(url) { opened.push(url); this.listeners = {}; sources.push(this);"
                + "  if (url.startsWith('http://10.')) setTimeout(() => this.onerror()); }"
                + " addEventListener(name, listener) { this.listeners[name] = listener; }"
                + " close() {} };"
                + "const instance = (name, url) => ({name, url, silentMillis: 0});"
                + "const picture = {here: 'x', instances: [instance('x', 'http://10.0.0.1:8080'),"
                + " instance('y', 'http://10.0.0.2:8080')]};"
                + "return import('/page/stream.js').then(module => new Promise(resolve => {"
                + " new module.Stream(() => {}, () => {}).start();"
                + " sources[0].listeners.picture({data: JSON.stringify(picture)});"
                + " sources[0].onerror();"
                + " const poll = setInterval(() => { if (opened.length < 3) return;"
                + "  clearInterval(poll); window.EventSource = real; resolve(opened); }, 50); }))";
        assertThat(texts(addresses))
                .containsExactly(
                        a.address() + "/page/stream", "http://10.0.0.2:8080/page/stream", a.address() + "/page/stream");
    }

    @Test
    void itCanBeUsedWithTheKeyboardAlone() {
        Set<String> reached = new LinkedHashSet<>();
        for (int i = 0; i < 20 && reached.size() < BUTTONS.size(); i++) {
            browser.press(Keys.TAB);
            String id = String.valueOf(browser.script("return document.activeElement.id"));
            if (BUTTONS.contains(id)) {
                reached.add(id);
                assertThat(browser.script("return getComputedStyle(document.activeElement).outlineStyle"))
                        .as("the focus of " + id)
                        .isEqualTo("solid");
            }
        }
        assertThat(reached).containsExactlyElementsOf(BUTTONS);
        browser.script("document.querySelector('#book').focus()");
        browser.press(Keys.ENTER);
        until(() -> browser.text("#answer").contains("sold a ticket"));
    }

    @Test
    void aNarrowWindowNeedsNoScrollingToTheSide() throws Exception {
        browser.width(360);
        until(() -> browser.count("tr[data-lock=till]") == 1);
        assertThat(browser.number("return document.documentElement.scrollWidth"))
                .isEqualTo(browser.number("return document.documentElement.clientWidth"))
                .isEqualTo(360);
        browser.screenshot("narrow");
    }

    @Test
    void itFollowsTheColoursOfTheSystem() throws Exception {
        String background = "return getComputedStyle(document.body).backgroundColor";
        browser.screenshot("light");
        Object light = browser.script(background);
        browser.colours("dark");
        assertThat(browser.script(background)).isNotEqualTo(light);
        browser.screenshot("dark");
    }

    /** What happened of that kind, the newest first. */
    private static List<String> told(String kind) {
        return texts("return [...document.querySelectorAll('#happenings [data-kind=" + kind + "]')]"
                + ".map(one => one.textContent)");
    }

    private static List<String> newly(String kind, List<String> before) {
        List<String> told = new ArrayList<>(told(kind));
        told.removeAll(before);
        return told;
    }

    /** All that the page has said aloud. */
    private static List<String> heard() {
        return texts("return heard");
    }

    private static List<String> texts(String code) {
        return ((List<?>) browser.script(code)).stream().map(String::valueOf).toList();
    }

    private static boolean isAsLongAsTheFreeze(String words) {
        Matcher matcher = STOOD_STILL.matcher(words);
        return matcher.find() && Double.parseDouble(matcher.group(1)) >= FREEZE.toSeconds();
    }

    private static boolean isForAGreaterToken(String words) {
        Matcher matcher = REFUSED.matcher(words);
        return matcher.find() && Long.parseLong(matcher.group(1)) < Long.parseLong(matcher.group(2));
    }

    private static long rushes() {
        return browser.number("return [...document.querySelectorAll('#happenings [data-kind=SOLD]')]"
                + ".filter(one => one.textContent.includes(' failed.')).length");
    }

    private static long latest(String side, String attribute) {
        return Long.parseLong(browser.attribute(side + " .sale", attribute));
    }

    private static void until(Callable<Boolean> condition) {
        await().atMost(60, SECONDS).until(condition);
    }
}
